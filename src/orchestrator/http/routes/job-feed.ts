/** What a job does, as events: its state when it changes, its log lines in order, and an end when all is said. */
import { isRocError } from '../../../kernel/errors.js';
import { SECOND } from '../../../kernel/time.js';
import { isTerminal } from '../../../protocol/job-states.js';
import type { JobChanges } from '../../dispatch/job-changes.js';
import { readLogLines } from '../../store/job-logs.js';
import { getJob, type Job } from '../../store/jobs.js';
import type { Store } from '../../store/store.js';
import type { SseFrame } from '../handler.js';

/** How far a reader has got; sent with each event, and sent back by the reader as Last-Event-ID. */
export interface FeedPlace {
  readonly epoch: number;
  readonly attempt: number;
  readonly seq: number;
}

export interface FeedParts {
  readonly store: Store;
  readonly changes: JobChanges;
  /** Throws once the reader may read this no longer. */
  readonly recheck: () => Promise<unknown>;
}

/** Changes that another node wrote are seen this late; this node's own at once. */
const LOOK_EVERY_MS = SECOND;
const LINES_AT_ONCE = 200;

/** The place that a Last-Event-ID names; the beginning for anything else. */
export function readPlace(lastEventId: string | undefined): FeedPlace {
  const [, epoch = '0', attempt = '0', seq = '0'] =
    /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(lastEventId ?? '') ?? [];
  return { epoch: Number(epoch), attempt: Number(attempt), seq: Number(seq) };
}

/** Begins with the job as it is. A held job may go on: its stream stays open. */
export async function* jobFeed(
  { store, changes, recheck }: FeedParts,
  first: Job,
  from: FeedPlace,
  signal: AbortSignal,
  tenantId: string,
): AsyncGenerator<SseFrame, void, undefined> {
  const watch = changes.watch(first.id);
  let place = from;
  let told = '';
  try {
    for (let job = first; !signal.aborted; job = await getJob(store, tenantId, first.id)) {
      // A session that was ended, or a right that was taken away, ends what it has opened.
      if (!(await isStill(recheck))) return;
      place = restarted(place, job);
      for await (const line of linesAfter(store, job.id, place)) {
        place = { ...place, attempt: line.attempt, seq: line.seq };
        yield { id: idOf(place), event: 'log', data: line };
      }
      const state = JSON.stringify(job);
      if (state !== told) yield { id: idOf(place), event: 'state', data: job };
      told = state;
      // The job was read before its lines, and an ended job gets no more of them.
      if (isTerminal(job.state)) {
        yield { id: idOf(place), event: 'end', data: { state: job.state } };
        return;
      }
      await watch.next(LOOK_EVERY_MS, signal);
    }
  } finally {
    watch.close();
  }
}

async function isStill(recheck: () => Promise<unknown>): Promise<boolean> {
  try {
    await recheck();
    return true;
  } catch (error) {
    if (isRocError(error) && error.httpStatus < 500) return false;
    throw error;
  }
}

/** An attempt that never began is not counted: the next offer writes its lines under the same number, from 1. */
function restarted(place: FeedPlace, { epoch, attempt }: Job): FeedPlace {
  const isSameAttempt = place.attempt === attempt && place.epoch !== 0 && epoch > place.epoch;
  return { ...place, epoch, seq: isSameAttempt ? 0 : place.seq };
}

async function* linesAfter(store: Store, jobId: string, { attempt, seq }: FeedPlace) {
  for (let after = { attempt, seq }; ; ) {
    const lines = await readLogLines(store, { jobId, after, limit: LINES_AT_ONCE });
    yield* lines;
    const last = lines.at(-1);
    if (last === undefined || lines.length < LINES_AT_ONCE) return;
    after = { attempt: last.attempt, seq: last.seq };
  }
}

function idOf({ epoch, attempt, seq }: FeedPlace): string {
  return `${epoch}.${attempt}.${seq}`;
}
