/** Reads server-sent events (WHATWG HTML §9.2) from text that arrives in pieces of any size. */
import { RocError } from '../kernel/errors.js';

export interface ServerEvent {
  /** `message` where the stream names none. */
  readonly type: string;
  readonly data: string;
  /** The last id seen, to be sent back as `Last-Event-ID` after a cut; empty before the first. */
  readonly id: string;
}

export interface EventStreamReader {
  /** The events that this piece completes, in order. @throws RocError where one grows without end */
  push(text: string): ServerEvent[];
}

/**
 * A line or event longer than this is no stream of ours: a log line has at most 8 KiB, a job's input and
 * output at most a megabyte each.
 */
const MAX_PENDING_CHARS = 8 * 1024 * 1024;

/** @param lastEventId where an earlier connection stopped */
export function createEventStreamReader(lastEventId = ''): EventStreamReader {
  let pending = '';
  let type = '';
  let data: string[] = [];
  let size = 0;
  let id = lastEventId;
  let skipLineFeed = false;

  const field = (line: string, events: ServerEvent[]) => {
    if (line === '') {
      if (data.length > 0) events.push({ type: type || 'message', data: data.join('\n'), id });
      type = '';
      data = [];
      size = 0;
      return;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') type = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'data') {
      data.push(value);
      size += value.length;
    }
  };

  return {
    push(text) {
      const events: ServerEvent[] = [];
      let rest = pending + (skipLineFeed && text.startsWith('\n') ? text.slice(1) : text);
      if (text !== '') skipLineFeed = rest.endsWith('\r');
      for (let end = rest.search(/[\r\n]/); end >= 0; end = rest.search(/[\r\n]/)) {
        field(rest.slice(0, end), events);
        rest = rest.slice(rest.startsWith('\r\n', end) ? end + 2 : end + 1);
      }
      pending = rest;
      if (pending.length + size > MAX_PENDING_CHARS)
        throw new RocError(
          'ROC_UNREACHABLE',
          `the event stream holds an event of over ${MAX_PENDING_CHARS} characters`,
          {
            hint: 'Check that the address is that of a roc server.',
          },
        );
      return events;
    },
  };
}
