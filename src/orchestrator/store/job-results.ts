/** How each claim of a job ended, kept so that a repeated report gets the same answer. */

import type { JobState } from '../../protocol/job-states.js';
import type { JobRef } from '../decide/session.js';
import { insertRows } from './insert-rows.js';
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

/** The claims of these jobs that a report was taken for. */
export async function listAnswered({ db }: Reader, jobIds: readonly string[]): Promise<JobRef[]> {
  const rows = await db
    .selectFrom('job_result')
    .select(['job_id', 'epoch'])
    .where('job_id', 'in', jobIds)
    .execute();
  return rows.map(({ job_id, epoch }) => ({ jobId: job_id, epoch }));
}

export function insertResult(tx: Tx, ref: JobRef, result: JobResult): Promise<void> {
  return insertResults(tx, [{ ...ref, ...result }]);
}

export async function insertResults(tx: Tx, results: readonly (JobRef & JobResult)[]): Promise<void> {
  const created_at = await tx.now();
  const rows = results.map(({ jobId, epoch, runnerId, resultId, state }) => ({
    ...{ job_id: jobId, epoch, runner_id: runnerId, result_id: resultId, state, created_at },
  }));
  await insertRows(tx, 'job_result', rows);
}
