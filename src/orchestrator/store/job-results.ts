/** How each claim of a job ended, kept so that a repeated report gets the same answer. */
import type { JobState } from '../../protocol/job-states.js';
import type { JobRef } from '../decide/session.js';
import type { Reader, Tx } from './store.js';

export interface JobResult {
  readonly runnerId: string;
  readonly resultId: string;
  /** The state that the report led to. */
  readonly state: JobState;
}

export async function findResult({ db }: Reader, { jobId, epoch }: JobRef): Promise<JobResult | undefined> {
  const row = await db
    .selectFrom('job_result')
    .select(['runner_id', 'result_id', 'state'])
    .where('job_id', '=', jobId)
    .where('epoch', '=', epoch)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { runnerId: row.runner_id, resultId: row.result_id, state: row.state };
}

export async function insertResult(tx: Tx, ref: JobRef, result: JobResult): Promise<void> {
  await tx.db
    .insertInto('job_result')
    .values({
      job_id: ref.jobId,
      epoch: ref.epoch,
      runner_id: result.runnerId,
      result_id: result.resultId,
      state: result.state,
      created_at: await tx.now(),
    })
    .execute();
}
