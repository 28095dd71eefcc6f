/** The one place that writes a job's state: checked against the table of states, told as an event. */
import { sql } from 'kysely';
import { RocError } from '../../kernel/errors.js';
import { canFollow, isTerminal, type JobState } from '../../protocol/job-states.js';
import { insertEvents, type JobEventType } from '../store/job-events.js';
import { type JobHead, type JobUpdate, updateJobs } from '../store/job-heads.js';
import { insertSeals } from '../store/job-seals.js';
import { spareRoom } from '../store/spare-room.js';
import type { Tx } from '../store/store.js';

export interface Transition {
  readonly to: JobState;
  readonly event: JobEventType;
  readonly detail?: string | null | ((job: JobHead) => string | null);
  /** An event that led to the change, told before it with the state the job had. */
  readonly cause?: { readonly event: JobEventType; readonly detail: string | null };
  /** Added to the attempt: 1 by a claim, -1 by a lease that never began. */
  readonly attempt?: 1 | -1;
  /** Added to the epoch: 1 by a claim. */
  readonly epoch?: 1;
  readonly set?: Omit<JobUpdate, 'state' | 'attempt' | 'epoch' | 'event_seq' | 'id'>;
}

/**
 * Changes jobs that are in one and the same state, and gives their new heads.
 * @throws RocError ROC_CONFLICT for a change that the table of states does not have, or that came too late
 */
export async function transition<J extends JobHead>(
  tx: Tx,
  jobs: readonly J[],
  change: Transition,
): Promise<J[]> {
  const from = jobs[0]?.state;
  if (from === undefined) return [];
  if (!jobs.every(({ state }) => state === from) || !canFollow(from, change.to))
    throw refused(jobs, change.to);
  const now = await tx.now();
  const { attempt = 0, epoch = 0, cause } = change;
  const events = cause === undefined ? 1 : 2;
  const ids = jobs.map(({ id }) => id);
  const updated = await updateJobs(tx, ids, from, {
    ...change.set,
    ...(isTerminal(change.to) ? { finished_at: now } : {}),
    ...spareRoom(change.to, isTerminal(change.to)),
    state: change.to,
    attempt: sql<number>`attempt + ${attempt}`,
    epoch: sql<number>`epoch + ${epoch}`,
    event_seq: sql<number>`event_seq + ${events}`,
  });
  if (updated !== jobs.length) throw refused(jobs, change.to);
  const changed = jobs.map((job) => ({
    ...job,
    state: change.to,
    attempt: job.attempt + attempt,
    epoch: job.epoch + epoch,
    event_seq: job.event_seq + events,
  }));
  await insertEvents(tx, [
    ...(cause === undefined
      ? []
      : jobs.map((job) => ({ job: { ...job, event_seq: job.event_seq + 1 }, ...cause }))),
    ...changed.map((job) => ({ job, event: change.event, detail: detailOf(change, job) })),
  ]);
  if (isTerminal(change.to)) await insertSeals(tx, changed);
  for (const { id, state } of changed) tx.tell({ jobId: id, state });
  return changed;
}

function detailOf({ detail }: Transition, job: JobHead): string | null {
  return (typeof detail === 'function' ? detail(job) : detail) ?? null;
}

function refused(jobs: readonly JobHead[], to: JobState): RocError {
  const [job] = jobs;
  return new RocError('ROC_CONFLICT', `job ${job?.id} is ${job?.state} and cannot become ${to}`, {
    hint: 'Look at it again with `roc jobs show`; it may have changed meanwhile.',
  });
}
