/** Demand and supply of every pool of every tenant, for metrics. */
import type { Reader } from './store.js';

export interface PoolReading {
  readonly tenant: string;
  readonly pool: string;
  readonly queued: number;
  readonly oldestQueuedSeconds: number;
  readonly runnersOnline: number;
}

/** A runner heard of longer ago than `onlineMs` is not online. */
export async function readPools(reader: Reader, onlineMs: number): Promise<PoolReading[]> {
  const now = await reader.now();
  const [pools, ready, online] = await Promise.all([
    reader.db
      .selectFrom('pool')
      .innerJoin('tenant', 'tenant.id', 'pool.tenant_id')
      .select(['pool.id', 'pool.name as pool', 'tenant.name as tenant'])
      .execute(),
    reader.db
      .selectFrom('job_ready')
      .select([
        'pool_id',
        ({ fn }) => fn.countAll<number>().as('n'),
        ({ fn }) => fn.min('ready_at').as('oldest'),
      ])
      .groupBy('pool_id')
      .execute(),
    reader.db
      .selectFrom('runner')
      .select(['pool_id', ({ fn }) => fn.countAll<number>().as('n')])
      .where('last_seen_at', '>=', now - onlineMs)
      .groupBy('pool_id')
      .execute(),
  ]);
  const readyOf = new Map(ready.map((row) => [row.pool_id, row]));
  const onlineOf = new Map(online.map((row) => [row.pool_id, Number(row.n)]));
  return pools.map(({ id, pool, tenant }) => {
    const { n = 0, oldest = now } = readyOf.get(id) ?? {};
    const oldestQueuedSeconds = Math.max(0, now - Number(oldest)) / 1000;
    return { tenant, pool, queued: Number(n), oldestQueuedSeconds, runnersOnline: onlineOf.get(id) ?? 0 };
  });
}
