/** The queue: one row for each queued job, taken in order of priority, then age. */
import { type RawBuilder, sql } from 'kysely';
import type { Dialect } from './dialect.js';
import { held } from './held-statements.js';
import { insertRows } from './insert-rows.js';
import { CLAIMED_COLUMNS, type ClaimedJob, type JobHead } from './job-heads.js';
import type { Reader, Tx } from './store.js';

export interface PoolKey {
  readonly tenantId: string;
  readonly poolId: string;
}

/** Puts queued jobs where claims look, and wakes the polls of their pools. */
export async function insertReady(tx: Tx, jobs: readonly JobHead[]): Promise<void> {
  const readyAt = await tx.now();
  const rows = jobs.map((job) => ({
    job_id: job.id,
    tenant_id: job.tenant_id,
    pool_id: job.pool_id,
    lane: job.lane,
    priority: job.priority,
    ready_at: readyAt,
  }));
  await insertRows(tx, 'job_ready', rows);
  for (const { pool_id } of jobs) tx.wake(pool_id);
}

/** The lanes of the first ready jobs of a pool, best first, without a lock: what a claim may hope for. */
export async function peekReady(
  { db, dialect }: Reader,
  pool: PoolKey,
  lanes: readonly string[],
  limit: number,
): Promise<string[]> {
  const parts = lanes.map(
    (lane) => sql`select * from (select lane, priority, job_id
      from job_ready ${dialect.useIndex('job_ready_claim')}
      where tenant_id = ${pool.tenantId} and pool_id = ${pool.poolId} and lane = ${lane}
      order by priority, job_id limit ${limit}) as ${sql.id(`lane ${lane}`)}`,
  );
  const all = sql.join(parts, sql` union all `);
  const { rows } = await sql<{ lane: string }>`${all} order by priority, job_id limit ${limit}`.execute(db);
  return rows.map(({ lane }) => lane);
}

/** Takes the first free jobs of one lane, best first; rows that another transaction holds are passed over. */
export async function lockReady(tx: Tx, pool: PoolKey, lane: string, limit: number): Promise<ClaimedJob[]> {
  const { rows } = await claimQuery(tx.dialect, pool, lane, limit).execute(tx.db);
  const [first] = rows;
  if (first !== undefined) tx.readNow(first.database_now);
  return rows.map(({ database_now: _, ...job }) => job);
}

/**
 * The claim's own query: ready rows with their jobs, both locked, in the order in which all take them. It must be served
 * by its index in order: a sort would lock every row that it reads.
 */
export function claimQuery(
  dialect: Dialect,
  pool: PoolKey,
  lane: string,
  limit: number,
): RawBuilder<ClaimedJob & { readonly database_now: number }> {
  return sql`
    select ${CLAIMED_COLUMNS}, ${dialect.now} as database_now
    from job_ready ${dialect.useIndex('job_ready_claim')}
      ${dialect.joinInOrder} job ${dialect.usePrimaryKey} on job.id = job_ready.job_id
    where job_ready.tenant_id = ${pool.tenantId} and job_ready.pool_id = ${pool.poolId} and job_ready.lane = ${lane}
    order by job_ready.priority, job_ready.job_id limit ${limit} ${dialect.skipLocked}`;
}

/** Locks one job's ready row, where it has one. */
export async function lockReadyOf(tx: Tx, jobId: string): Promise<void> {
  await tx.dialect.lock(tx.db.selectFrom('job_ready').select('job_id').where('job_id', '=', jobId)).execute();
}

export async function deleteReady(tx: Tx, jobIds: readonly string[]): Promise<void> {
  await held(tx.dialect.deleteByKeys('job_ready', 'job_id', jobIds)).execute(tx.db);
}
