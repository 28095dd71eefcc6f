/** Jobs that wait for a time. */
import { type RawBuilder, sql } from 'kysely';
import type { Dialect } from './dialect.js';
import type { Tx } from './store.js';

export async function insertScheduled(tx: Tx, jobId: string, runAt: number): Promise<void> {
  await tx.db.insertInto('job_scheduled').values({ job_id: jobId, run_at: runAt }).execute();
}

/** Takes jobs whose time has come; those that another node is promoting are passed over. */
export async function lockDue(tx: Tx, limit: number): Promise<string[]> {
  const { rows } = await dueQuery(tx.dialect, await tx.now(), limit).execute(tx.db);
  return rows.map(({ job_id }) => job_id);
}

export function dueQuery(dialect: Dialect, now: number, limit: number): RawBuilder<{ job_id: string }> {
  return sql<{ job_id: string }>`
    select job_id from job_scheduled ${dialect.useIndex('job_scheduled_due')}
    where run_at <= ${now} order by run_at, job_id limit ${limit} ${dialect.skipLocked}`;
}

export async function lockScheduledOf(tx: Tx, jobId: string): Promise<void> {
  await tx.dialect
    .lock(tx.db.selectFrom('job_scheduled').select('job_id').where('job_id', '=', jobId))
    .execute();
}

export async function deleteScheduled(tx: Tx, jobIds: readonly string[]): Promise<void> {
  await tx.dialect.deleteByKeys('job_scheduled', 'job_id', jobIds).execute(tx.db);
}
