/** What a job says and does, live: its event stream, taken up again where it broke off. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, isRocError, RocError } from '../kernel/errors.js';
import { MINUTE, SECOND } from '../kernel/time.js';
import type { Client } from '../protocol/client.js';
import type { ReplyOf } from '../protocol/contracts.js';
import { createEventStreamReader, type ServerEvent } from '../protocol/event-stream.js';
import { isTerminal } from '../protocol/job-states.js';

export type Job = ReplyOf<'jobs.start'>;
export type LogLine = ReplyOf<'jobs.logs'>['items'][number];

export type JobNews =
  | { readonly type: 'log'; readonly line: LogLine }
  | { readonly type: 'state'; readonly job: Job }
  /** The stream broke off; the next try is `inMs` away. */
  | { readonly type: 'cut'; readonly inMs: number };

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Waits between tries: doubled from the first to the last, with jitter. */
  readonly firstRetryMs?: number;
  readonly lastRetryMs?: number;
  /** Without a word from the server for this long it gives up. */
  readonly patienceMs?: number;
  /** The server sends something every 15 s; silence for this long means a dead connection. */
  readonly silenceMs?: number;
}

const DEFAULTS = {
  firstRetryMs: 250,
  lastRetryMs: 5 * SECOND,
  patienceMs: 5 * MINUTE,
  silenceMs: 45 * SECOND,
};

/** Codes of a server or network that may be well again in a moment. */
const PASSING: readonly ErrorCode[] = [
  'ROC_UNREACHABLE',
  'ROC_UNAVAILABLE',
  'ROC_TIMEOUT',
  'ROC_THROTTLED',
  'ROC_UNEXPECTED',
];

/**
 * Yields every log line once and in order and every change of state, until the job has ended.
 * @throws RocError ROC_INTERRUPTED on abort, the server's own refusal, or ROC_UNREACHABLE when patience ends
 */
export async function* followJob(
  client: Client,
  id: string,
  options: FollowOptions,
): AsyncGenerator<JobNews, void, undefined> {
  const { firstRetryMs, lastRetryMs, patienceMs, silenceMs } = { ...DEFAULTS, ...options };
  const place: Place = {
    seen: new Map(),
    lastEventId: '',
    lastContact: performance.now(),
    tries: 0,
    isEnded: false,
  };
  while (true) {
    let failure: unknown = brokenOff(client, id);
    try {
      yield* readOn(client, id, place, options.signal, silenceMs);
    } catch (error) {
      if (options.signal.aborted) throw interrupted();
      if (!isRocError(error) || !PASSING.includes(error.code)) throw error;
      failure = error;
    }
    if (place.isEnded) return;
    if (performance.now() - place.lastContact > patienceMs) throw failure;
    const inMs = Math.min(lastRetryMs, firstRetryMs * 2 ** place.tries++) * (0.5 + Math.random() / 2);
    yield { type: 'cut', inMs };
    await sleep(inMs, undefined, { signal: options.signal }).catch(() => {
      throw interrupted();
    });
  }
}

/** How far the following got, from one connection to the next. */
interface Place {
  /** The last line of each attempt. */
  readonly seen: Map<number, number>;
  lastEventId: string;
  lastContact: number;
  /** Connections since the last sign of life. */
  tries: number;
  isEnded: boolean;
}

/** The news of one connection, to its end. */
async function* readOn(
  client: Client,
  id: string,
  place: Place,
  signal: AbortSignal,
  silenceMs: number,
): AsyncGenerator<JobNews, void, undefined> {
  let isOver = false;
  for await (const event of openEvents(client, id, place.lastEventId, signal, silenceMs)) {
    place.lastContact = performance.now();
    place.tries = 0;
    if (event === null) continue;
    place.lastEventId = event.id;
    if (event.type === 'end') {
      place.isEnded = true;
      return;
    }
    const news = newsOf(event, place.seen);
    if (news !== null) yield news;
    if (news?.type === 'state') isOver = isTerminal(news.job.state);
  }
  // An ended job has nothing more to say, also where the stream closed without saying so.
  place.isEnded = isOver;
}

/** One connection: its events, and null for each sign of life without one. */
async function* openEvents(
  client: Client,
  id: string,
  lastEventId: string,
  signal: AbortSignal,
  silenceMs: number,
): AsyncGenerator<ServerEvent | null, void, undefined> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  try {
    const response = await client.open('jobs.events', {
      params: { id },
      headers: {
        accept: 'text/event-stream',
        ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
      },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    const reader = createEventStreamReader(lastEventId);
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      const events = reader.push(decoder.decode(chunk, { stream: true }));
      yield* events.length === 0 ? [null] : events;
    }
  } catch (cause) {
    if (isRocError(cause) && cause.code !== 'ROC_INTERRUPTED') throw cause;
    throw brokenOff(client, id, cause);
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

// After a cut the server may send again what was already here: lines count up from 1 in each attempt.
function newsOf(event: ServerEvent, seen: Map<number, number>): JobNews | null {
  if (event.type === 'state') return { type: 'state', job: JSON.parse(event.data) as Job };
  if (event.type !== 'log') return null;
  const line = JSON.parse(event.data) as LogLine;
  if (line.seq <= (seen.get(line.attempt) ?? 0)) return null;
  seen.set(line.attempt, line.seq);
  return { type: 'log', line };
}

function brokenOff(client: Client, id: string, cause?: unknown): RocError {
  return new RocError('ROC_UNREACHABLE', `${client.url} broke off the event stream of job ${id}`, {
    hint: `The job goes on; read on with \`roc jobs logs ${id} -f\`.`,
    cause,
  });
}

function interrupted(): RocError {
  return new RocError('ROC_INTERRUPTED', 'interrupted');
}
