/** What a runner tells of itself: one event a line, for people and as JSON. */
import { formatDuration } from '../kernel/time.js';

export type RunnerEvent =
  | {
      readonly event: 'registered';
      readonly runnerId: string;
      readonly name: string;
      readonly pool: string;
      readonly url: string;
    }
  | {
      readonly event: 'waiting';
      readonly name: string;
      readonly pool: string;
      readonly slots: number;
      readonly url: string;
    }
  | { readonly event: 'orphans-ended'; readonly processes: number }
  | { readonly event: 'results-found'; readonly results: number }
  | {
      readonly event: 'job-started';
      readonly jobId: string;
      readonly attempt: number;
      readonly process: string;
      readonly version: string;
      readonly pid: number;
      /** Epoch milliseconds with fractions, read when the system had made the process. */
      readonly spawnedAt: number;
    }
  | {
      readonly event: 'job-ended';
      readonly jobId: string;
      readonly attempt: number;
      readonly process: string;
      /** What the server was told, or why it was told nothing. */
      readonly outcome: JobOutcome;
      readonly message: string | null;
      readonly durationMs: number;
    }
  | { readonly event: 'result-delivered'; readonly jobId: string; readonly outcome: string }
  | { readonly event: 'result-dropped'; readonly jobId: string; readonly message: string }
  | { readonly event: 'unreachable'; readonly message: string }
  | { readonly event: 'reachable' }
  | { readonly event: 'draining'; readonly running: number; readonly by: 'signal' | 'server' }
  | { readonly event: 'stopped' }
  | { readonly event: 'warning'; readonly message: string };

export type JobOutcome = 'succeeded' | 'failed' | 'timed_out' | 'canceled' | 'lost' | 'fenced' | 'shutdown';

/** One line for a person. */
export function eventText(event: RunnerEvent): string {
  switch (event.event) {
    case 'registered':
      return `registered as ${event.name} in pool ${event.pool} at ${event.url}`;
    case 'waiting':
      return `${event.name} waits for jobs of pool ${event.pool} at ${event.url} (${event.slots} at a time)`;
    case 'orphans-ended':
      return `ended ${counted(event.processes, 'process', 'processes')} that an earlier runner left behind`;
    case 'results-found':
      return `${counted(event.results, 'result', 'results')} of an earlier runner to be delivered`;
    case 'job-started':
      return `job ${event.jobId}: ${event.process} ${event.version} started, attempt ${event.attempt} (pid ${event.pid})`;
    case 'job-ended':
      return endText(event);
    case 'result-delivered':
      return `job ${event.jobId}: the result (${event.outcome}) was delivered`;
    case 'result-dropped':
      return `job ${event.jobId}: the result was dropped: ${printable(event.message)}`;
    case 'unreachable':
      return `out of reach of the server: ${printable(event.message)}`;
    case 'reachable':
      return 'the server answers again';
    case 'draining':
      return event.by === 'server'
        ? 'takes no new jobs, as the server asks'
        : `takes no new jobs; still to end: ${event.running}`;
    case 'stopped':
      return 'stopped';
    case 'warning':
      return `warning: ${printable(event.message)}`;
  }
}

function endText(event: Extract<RunnerEvent, { event: 'job-ended' }>): string {
  const silent = SILENT[event.outcome];
  const how = silent === undefined ? event.outcome.replace('_', ' ') : 'ended';
  const why = silent ?? (event.message === null ? null : printable(event.message));
  const took = formatDuration(event.durationMs);
  return `job ${event.jobId}: ${how} after ${took}${why === null ? '' : `: ${why}`}`;
}

/** Why the server was told nothing. */
const SILENT: Partial<Record<JobOutcome, string>> = {
  lost: 'the job is no longer this runner’s',
  fenced: 'its lease could not be renewed',
  shutdown: 'this runner stops',
};

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A robot's or a server's words on one line of a terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, 300);
}
