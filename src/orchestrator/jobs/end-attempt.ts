/** Applies what was decided about an attempt that ended: the lease goes, the job moves on, waits, or is over. */

import { isTerminal, type JobState } from '../../protocol/job-states.js';
import { type AttemptEnd, type AttemptFacts, afterLoss, afterUnstarted } from '../decide/attempt-end.js';
import type { JobEventType } from '../store/job-events.js';
import type { JobHead } from '../store/job-heads.js';
import { deleteLease, type HeldJob } from '../store/job-leases.js';
import { deleteLogLines } from '../store/job-logs.js';
import { insertReady } from '../store/job-ready.js';
import { insertScheduled } from '../store/job-scheduled.js';
import type { Job } from '../store/jobs.js';
import { toJson } from '../store/rows.js';
import type { Tx } from '../store/store.js';
import { type Transition, transition } from './transition.js';

/** The attempt's runner reported, or started it and was lost: it counts. Stores what is given with the job. */
export async function endAttempt(
  tx: Tx,
  { lease, job }: HeldJob,
  end: AttemptEnd,
  extra: Pick<Transition, 'set' | 'cause' | 'detail'>,
): Promise<JobHead> {
  await deleteLease(tx, lease);
  return moveOn(tx, job, end, {
    ...extra,
    set: { ...extra.set, progress: lease.progress, log_lines: lease.log_lines, log_bytes: lease.log_bytes },
  });
}

/** A started lease whose runner is gone. */
export function loseLease(tx: Tx, held: HeldJob): Promise<JobHead> {
  const { job } = held;
  const end = afterLoss(factsOf(job), tx.random());
  const isOver = isTerminal(end.to) || end.to === 'held';
  return endAttempt(tx, held, end, {
    cause: { event: 'lost', detail: job.state === 'canceling' ? null : 'the lease ended without a word' },
    detail: end.reason,
    set: isOver ? { error: lossError(end) } : {},
  });
}

/** A lease that never began: the job is as if it had not been offered, but for its epoch. */
export async function releaseLease(tx: Tx, { lease, job }: HeldJob): Promise<JobHead> {
  const end = afterUnstarted(factsOf(job));
  await deleteLease(tx, lease);
  if (lease.next_log_seq > 1) await deleteLogLines(tx, job.id, job.attempt);
  const set = end.to === 'queued' ? { runner: null } : { error: lossError(end) };
  return moveOn(tx, job, end, { attempt: -1, detail: end.reason, set }, 'released');
}

/** Ends a lease by what it is: begun ones are lost, others go back. */
export function expireLease(tx: Tx, held: HeldJob): Promise<JobHead> {
  return held.lease.started_at === null ? releaseLease(tx, held) : loseLease(tx, held);
}

export function factsOf(job: JobHead): AttemptFacts {
  return {
    state: job.state,
    attempt: job.attempt,
    maxAttempts: job.max_attempts,
    epoch: job.epoch,
    onLost: job.on_lost,
  };
}

async function moveOn(
  tx: Tx,
  job: JobHead,
  end: AttemptEnd,
  change: Omit<Transition, 'to' | 'event'>,
  requeued: JobEventType = 'requeued',
): Promise<JobHead> {
  const runAt = (await tx.now()) + end.delayMs;
  const waits = end.to === 'queued' || end.to === 'scheduled';
  const [next = job] = await transition(tx, [job], {
    ...change,
    to: end.to,
    event: waits ? requeued : eventOf(end.to),
    set: waits ? { ...change.set, run_at: runAt } : { ...change.set },
  });
  if (end.to === 'queued') await insertReady(tx, [next]);
  if (end.to === 'scheduled') await insertScheduled(tx, job.id, runAt);
  return next;
}

function eventOf(state: JobState): JobEventType {
  return state === 'held' ? 'held' : 'finished';
}

function lossError(end: AttemptEnd): string {
  const error: Job['error'] = {
    kind: end.to === 'canceled' ? 'canceled' : 'lost',
    message: end.reason ?? 'its runner went away',
    exitCode: null,
  };
  return toJson(error);
}
