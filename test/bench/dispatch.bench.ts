/**
 * Dispatched jobs a second and the time from enqueue to claim, one after the other on the same machine: roc over HTTP
 * with sign-in, permissions and audit, its peers talking to their database directly. Every commit is on disk before it
 * is answered, everywhere. The peers are the newest that run on Node 20 (pg-boss 12 wants 22) beside Debian's
 * PostgreSQL 15 and redis 7.
 *
 * The load is eight runners of this process over a lean client. Each takes up to `batch` jobs in a poll and reports them
 * in one request, a result each, as pg-boss completes what it has fetched. No robot runs anywhere.
 *
 * A rate is worth something on a quiet machine only: where others want the processors, too, a job of roc waits for more
 * processes in turn than one of its peers. Processor time a job (workers, server and database together) hardly depends
 * on that.
 */
import { startMariadb } from '../helpers/mariadb.js';
import { type BenchRow, median, percentile, ratioAtLeast, told } from './bench-row.js';
import { type Figures, measurePeer } from './dispatch/peers.js';
import { measureRoc } from './dispatch/roc.js';

const JOBS = 2000;

export async function bench(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const batch of [1, 10]) rows.push(...(await compare(batch)));
  return rows;
}

async function compare(batch: number): Promise<BenchRow[]> {
  const boss = await measurePeer('pg-boss', JOBS, batch);
  const graphile = await measurePeer('graphile-worker', JOBS, batch);
  const bull = batch === 1 ? await measurePeer('bullmq', JOBS, batch) : null;
  const onSqlite = await measureRoc(null, JOBS, batch);
  const mariadb = await startMariadb({ own: true });
  const onMariadb = await measureRoc(mariadb, JOBS, batch).finally(() => mariadb.stop());
  const rate = (name: string, roc: Figures, against: string, peer: Figures | null) => ({
    ...{ case: `${name}, batch ${batch}`, value: roc.perSecond, unit: 'jobs/s', against },
    againstValue: peer?.perSecond ?? null,
  });
  const cpu = (against: string, peer: Figures | null) => ({
    ...{ case: `roc on MariaDB, processor time, batch ${batch}`, value: onMariadb.cpuUs, unit: 'µs/job' },
    ...{ against, againstValue: peer?.cpuUs ?? null },
  });
  const wait = (name: string, roc: Figures, at: (waits: readonly number[]) => number) => ({
    ...{ case: name, value: at(roc.waits), unit: 'ms', against: 'graphile-worker' },
    againstValue: graphile === null ? null : at(graphile.waits),
  });
  return [
    ratioAtLeast(rate('roc on MariaDB', onMariadb, 'pg-boss', boss), 1),
    told(rate('roc on MariaDB', onMariadb, 'graphile-worker', graphile)),
    told(rate('roc on SQLite', onSqlite, 'pg-boss', boss)),
    told(cpu('pg-boss', boss)),
    told(cpu('graphile-worker', graphile)),
    ...(bull === null ? [] : [told(cpu('BullMQ', bull))]),
    ...(bull === null ? [] : [told(rate('roc on MariaDB', onMariadb, 'BullMQ', bull))]),
    ...(batch === 1
      ? [
          told(wait('roc on MariaDB, enqueue to claim, p50', onMariadb, median)),
          told(wait('roc on MariaDB, enqueue to claim, p99', onMariadb, (waits) => percentile(waits, 99))),
          told(wait('roc on SQLite, enqueue to claim, p50', onSqlite, median)),
        ]
      : []),
  ];
}
