/** The runner's report of how an attempt ended: taken once, answered the same however often it is sent. */
import type { JobState } from '../../protocol/job-states.js';
import { afterOutcome, type Outcome } from '../decide/attempt-end.js';
import { findHeldJob, type LeaseClaim, staleLease } from '../store/job-leases.js';
import { findResult, insertResult } from '../store/job-results.js';
import type { Job } from '../store/jobs.js';
import { toJson } from '../store/rows.js';
import type { Store, Tx } from '../store/store.js';
import { endAttempt, factsOf } from './end-attempt.js';

export interface Completion extends LeaseClaim {
  /** Made once by the runner for this attempt. */
  readonly resultId: string;
  readonly outcome: Outcome;
  readonly output?: unknown;
  readonly error: Job['error'];
}

/**
 * @returns the state that the job went to when this result was taken
 * @throws RocError ROC_STALE_LEASE when the lease has ended, or another result of it was taken
 */
export function complete(store: Store, completion: Completion): Promise<{ state: JobState }> {
  return store.transaction(async (tx) => {
    const held = await findHeldJob(tx, completion);
    if (held === null) return { state: await formerAnswer(tx, completion) };
    const end = afterOutcome(factsOf(held.job), completion.outcome, tx.random());
    const { state } = await endAttempt(tx, held, end, {
      detail: completion.error?.message ?? null,
      set: {
        output: completion.outcome === 'succeeded' ? toJson(completion.output) : null,
        error: completion.error === null ? null : toJson(completion.error),
      },
    });
    await insertResult(tx, completion, { ...completion, state });
    return { state };
  });
}

async function formerAnswer(tx: Tx, completion: Completion): Promise<JobState> {
  const result = await findResult(tx, completion);
  const isSame = result?.resultId === completion.resultId && result.runnerId === completion.runnerId;
  if (result === undefined || !isSame) throw staleLease(completion);
  return result.state;
}
