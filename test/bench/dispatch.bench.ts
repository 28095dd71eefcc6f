/**
 * Dispatched jobs a second and the time from enqueue to claim, one after the other on the same machine: roc over HTTP
 * with sign-in, permissions and audit, its peers talking to their database directly. Every commit is on disk before it
 * is answered, everywhere. The peers are the newest that run on Node 20 (pg-boss 12 wants 22) beside Debian's
 * PostgreSQL 15 and redis 7.
 *
 * The load is eight runners of this process over a lean client. Each takes up to `batch` jobs in a poll and reports them
 * in one request, a result each, as pg-boss completes what it has fetched. No robot runs anywhere.
 *
 * Queues are measured at two depths, since what waits costs some systems more than others. Rates swing with what else
 * runs on a machine: roc on MariaDB and pg-boss, whose ratio is the aim, take turns three times, and the median counts.
 *
 * A rate is worth something on a quiet machine only: where others want the processors, too, a job of roc waits for more
 * processes in turn than one of its peers. Processor time a job (workers, server and database together) hardly depends
 * on that.
 */
import { startMariadb } from '../helpers/mariadb.js';
import { type BenchRow, median, percentile, ratioAtLeast, told } from './bench-row.js';
import { type Figures, measurePeer } from './dispatch/peers.js';
import { measureRoc } from './dispatch/roc.js';

const DEPTHS = [2000, 10_000];
const TURNS = 3;

export async function bench(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const batch of [1, 10]) for (const jobs of DEPTHS) rows.push(...(await compare(jobs, batch)));
  return rows;
}

async function compare(jobs: number, batch: number): Promise<BenchRow[]> {
  const [bosses, ours]: [(Figures | null)[], Figures[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    bosses.push(await measurePeer('pg-boss', jobs, batch));
    ours.push(await onMariadb(jobs, batch));
  }
  const [boss, roc] = [middle(bosses), middle(ours)];
  if (roc === null) return [];
  const graphile = await measurePeer('graphile-worker', jobs, batch);
  const bull = batch === 1 ? await measurePeer('bullmq', jobs, batch) : null;
  const onSqlite = await measureRoc(null, jobs, batch);
  const about = `batch ${batch}, ${jobs} waiting`;
  const rate = (name: string, figures: Figures, against: string, peer: Figures | null) => ({
    ...{ case: `${name}, ${about}`, value: figures.perSecond, unit: 'jobs/s', against },
    againstValue: peer?.perSecond ?? null,
  });
  const cpu = (against: string, peer: Figures | null) => ({
    ...{ case: `roc on MariaDB, processor time, ${about}`, value: roc.cpuUs, unit: 'µs/job' },
    ...{ against, againstValue: peer?.cpuUs ?? null },
  });
  return [
    ratioAtLeast(rate('roc on MariaDB', roc, 'pg-boss', boss), 1),
    told(rate('roc on MariaDB', roc, 'graphile-worker', graphile)),
    ...(bull === null ? [] : [told(rate('roc on MariaDB', roc, 'BullMQ', bull))]),
    told(rate('roc on SQLite', onSqlite, 'pg-boss', boss)),
    told(cpu('pg-boss', boss)),
    told(cpu('graphile-worker', graphile)),
    ...(bull === null ? [] : [told(cpu('BullMQ', bull))]),
    ...(batch === 1 && jobs === DEPTHS[0] ? waitRows(roc, onSqlite, graphile) : []),
  ];
}

function waitRows(onMaria: Figures, onSqlite: Figures, graphile: Figures | null): BenchRow[] {
  const wait = (name: string, roc: Figures, at: (waits: readonly number[]) => number) =>
    told({
      ...{ case: name, value: at(roc.waits), unit: 'ms', against: 'graphile-worker' },
      againstValue: graphile === null ? null : at(graphile.waits),
    });
  return [
    wait('roc on MariaDB, enqueue to claim, p50', onMaria, median),
    wait('roc on MariaDB, enqueue to claim, p99', onMaria, (waits) => percentile(waits, 99)),
    wait('roc on SQLite, enqueue to claim, p50', onSqlite, median),
  ];
}

async function onMariadb(jobs: number, batch: number): Promise<Figures> {
  const mariadb = await startMariadb({ own: true });
  return measureRoc(mariadb, jobs, batch).finally(() => mariadb.stop());
}

/** By rate; null where the peer is not on this machine. */
function middle(turns: readonly (Figures | null)[]): Figures | null {
  const known = turns.filter((one) => one !== null).sort((a, b) => a.perSecond - b.perSecond);
  return known[Math.floor(known.length / 2)] ?? null;
}
