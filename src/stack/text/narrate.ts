/** A running operation as people follow it: a line for what is done, and what is on its way with elapsed and usual time. */
import { formatDuration } from '../../kernel/time.js';
import type { ProvisionEvent, ResourceEvent } from '../provision-event.js';

export interface Narrator {
  /** Lines that stay. */
  tell(event: ProvisionEvent): string[];
  /** What stands on the live line now. */
  live(now: number): string;
}

/** `total` is how many resources change; null where that is not known (joining). */
export function narrator(total: number | null): Narrator {
  const running = new Map<string, { since: number; usualMs: number | null }>();
  const done = new Set<string>();
  let stack = 'waiting for AWS';
  return {
    tell(event) {
      if (event.event === 'step') return [event.text];
      if (event.event === 'stack') {
        stack = event.status;
        return [`${clock(event.at)}  stack ${event.status}${event.reason ? `: ${event.reason}` : ''}`];
      }
      return tellResource(event, running, done);
    },
    live(now) {
      const count = total === null ? `${done.size}` : `${Math.min(done.size, total)}/${total}`;
      const slow = [...running].sort(([, a], [, b]) => a.since - b.since).slice(0, 3);
      const now3 = slow.map(([id, { since, usualMs }]) => {
        const usual = usualMs === null ? '' : ` of about ${formatDuration(usualMs)}`;
        return `${id} ${formatDuration(Math.max(0, Math.round((now - since) / 1000) * 1000))}${usual}`;
      });
      const more = running.size > 3 ? ` and ${running.size - 3} more` : '';
      return `${count} done · ${now3.length === 0 ? stack : now3.join(', ')}${more}`;
    },
  };
}

function tellResource(
  event: ResourceEvent,
  running: Map<string, { since: number; usualMs: number | null }>,
  done: Set<string>,
): string[] {
  const { logicalId, status, at, usualMs, elapsedMs, reason } = event;
  if (/_IN_PROGRESS$/.test(status)) {
    if (!running.has(logicalId)) running.set(logicalId, { since: Date.parse(at), usualMs });
    return [];
  }
  running.delete(logicalId);
  if (!/_FAILED$/.test(status)) done.add(logicalId);
  const took = elapsedMs === null ? '' : ` in ${formatDuration(elapsedMs)}`;
  const mark = /_FAILED$/.test(status) ? '✗' : '✓';
  const why = /_FAILED$/.test(status) && reason ? `\n            ${reason}` : '';
  return [`${clock(at)}  ${mark} ${logicalId} ${word(status)}${took}${why}`];
}

const WORDS: Readonly<Record<string, string>> = {
  CREATE_COMPLETE: 'created',
  UPDATE_COMPLETE: 'updated',
  DELETE_COMPLETE: 'deleted',
  DELETE_SKIPPED: 'left in place',
  IMPORT_COMPLETE: 'taken in',
  CREATE_FAILED: 'could not be created',
  UPDATE_FAILED: 'could not be updated',
  DELETE_FAILED: 'could not be deleted',
};

function word(status: string): string {
  return WORDS[status] ?? status;
}

function clock(at: string): string {
  return at.slice(11, 19);
}
