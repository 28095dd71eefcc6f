/** The part of a job's row that its life depends on; read under a lock before any change. */
import type { JobTable } from './job-tables.js';
import type { Tx } from './store.js';

const HEAD = [
  'id',
  'tenant_id',
  'process_id',
  'pool_id',
  'lane',
  'priority',
  'state',
  'attempt',
  'max_attempts',
  'epoch',
  'on_lost',
  'event_seq',
  'log_lines',
  'log_bytes',
] as const satisfies (keyof JobTable)[];

export type JobHead = Pick<JobTable, (typeof HEAD)[number]>;

/** Locks jobs until the transaction ends. Whoever also needs the ready row or the lease locks that one first. */
export function lockJobs(tx: Tx, ids: readonly string[]): Promise<JobHead[]> {
  return tx.dialect.lock(tx.db.selectFrom('job').select(HEAD).where('id', 'in', ids).orderBy('id')).execute();
}

export async function lockJob(tx: Tx, id: string): Promise<JobHead | undefined> {
  return (await lockJobs(tx, [id]))[0];
}

/**
 * Reads jobs without a lock, in the order in which they are given out: enough where their ready rows are locked,
 * since only who holds those may change a queued job.
 */
export async function readHeads(tx: Tx, ids: readonly string[]): Promise<JobHead[]> {
  const jobs = await tx.db.selectFrom('job').select(HEAD).where('id', 'in', ids).execute();
  return jobs.sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
}
