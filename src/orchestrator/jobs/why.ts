/** Gathers what `roc jobs why` explains. */
import type { ReplyOf } from '../../protocol/contracts.js';
import { explain, type RunnerFacts } from '../decide/why.js';
import type { Job } from '../store/jobs.js';
import { found, fromJson } from '../store/rows.js';
import type { Reader } from '../store/store.js';
import { ONLINE_MS } from './limits.js';

/** @throws RocError ROC_NOT_FOUND */
export async function why(reader: Reader, tenantId: string, jobId: string): Promise<ReplyOf<'jobs.why'>> {
  const row = await reader.db
    .selectFrom('job')
    .innerJoin('pool', 'pool.id', 'job.pool_id')
    .select(['job.id', 'job.pool_id', 'job.state', 'job.lane', 'job.run_at', 'job.attempt', 'job.error'])
    .select(['job.priority', 'pool.name as pool'])
    .where('job.id', '=', jobId)
    .where('job.tenant_id', '=', tenantId)
    .executeTakeFirst();
  const job = found(row, `job ${jobId}`, 'Look for it with `roc jobs list`.');
  const ahead = job.state === 'queued' ? await countAhead(reader, tenantId, job) : 0;
  const facts = {
    state: job.state,
    pool: job.pool,
    lane: job.lane,
    runAt: job.run_at,
    attempt: job.attempt,
    error: fromJson<NonNullable<Job['error']>>(job.error)?.message ?? null,
    runners: await runnersOf(reader, tenantId, job.pool_id),
    ahead,
  };
  return { state: job.state, ...explain(facts), position: job.state === 'queued' ? ahead : null };
}

async function countAhead(
  { db }: Reader,
  tenantId: string,
  job: { readonly id: string; readonly pool_id: string; readonly priority: number },
): Promise<number> {
  const row = await db
    .selectFrom('job_ready')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('tenant_id', '=', tenantId)
    .where('pool_id', '=', job.pool_id)
    .where(({ eb, or, and }) =>
      or([
        eb('priority', '<', job.priority),
        and([eb('priority', '=', job.priority), eb('job_id', '<', job.id)]),
      ]),
    )
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

async function runnersOf(reader: Reader, tenantId: string, poolId: string): Promise<RunnerFacts[]> {
  const since = (await reader.now()) - ONLINE_MS;
  const rows = await reader.db
    .selectFrom('runner')
    .select(['id', 'os', 'slots', 'is_draining', 'last_seen_at'])
    .select(({ selectFrom }) =>
      selectFrom('job_lease')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .whereRef('job_lease.runner_id', '=', 'runner.id')
        .as('busy'),
    )
    .where('tenant_id', '=', tenantId)
    .where('pool_id', '=', poolId)
    .execute();
  return rows.map((row) => ({
    os: row.os,
    isOnline: row.last_seen_at !== null && row.last_seen_at >= since,
    isDraining: row.is_draining === 1,
    slots: row.slots,
    busy: Number(row.busy),
  }));
}
