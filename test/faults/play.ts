/** One scenario from an empty cluster to a verdict. */
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { until, within } from '../helpers/until.js';
import { readAccounts, readHistories } from './accounts.js';
import { autopsy } from './autopsy.js';
import { type Cluster, startCluster } from './cluster.js';
import { type Departure, givenBackMs } from './given-back.js';
import { watchIsolation } from './isolation.js';
import { readLedger } from './ledger.js';
import { startLoad } from './load.js';
import { type Scenario, type Scene, SLOTS } from './scenario.js';
import { seeded } from './seeded.js';
import { judge, type Verdict } from './verdict.js';

export interface Size {
  readonly runners: number;
  /** Jobs to start in all. */
  readonly jobs: number;
  /** How often the fault is made. */
  readonly faults: number;
}

export interface Outcome extends Verdict {
  /** Transactions that MySQL ended because they waited for one another. */
  readonly deadlocks: number;
  /** Rows that MySQL went through in the order of an index, for each accepted job. */
  readonly rowsReadPerJob: number;
  /** Milliseconds from the end of the load and the faults to the end of the last job. */
  readonly settledMs: number;
  /** Requests to start a job that were answered by no answer or a 5xx, and succeeded when they were made again. */
  readonly refused: number;
  /** Attempts that a runner reported as failed: the robots never do. */
  readonly failedAttempts: number;
  /** Milliseconds of each recovery, as the scenario says what that is. */
  readonly recoveries: readonly number[];
  /** What happened that must not. */
  readonly complaints: readonly string[];
}

/** What a scenario itself may take: most of it is load. */
const RUN_MS = (process.env['ROC_TEST_SIZE'] === 'long' ? 40 : 5) * 60_000;

/** Lost leases come back after a minute, and a job may lose several. */
export const SETTLE_MS = 6 * 60_000;

/** @param root another build of roc */
export async function play(
  scenario: Scenario,
  seedNumber: number,
  size: Size,
  root?: string,
): Promise<Outcome> {
  const seed = seeded(seedNumber);
  const cluster = await startCluster({ runners: size.runners, slots: SLOTS, ...(root && { root }) }, seed);
  const isolation = watchIsolation(cluster.database);
  try {
    const load = await startLoad(cluster.url, cluster.ledger, seed);
    await load.publish('1.0.0');
    await load.deploy('1.0.0');
    const before = await counters(cluster);
    const [recoveries, departures, complaints] = [[] as number[], [] as Departure[], [] as string[]];
    const scene: Scene = {
      ...{ cluster, load, seed, ...size },
      recovered: (ms) => recoveries.push(ms),
      left: ({ name }) => departures.push({ runner: name, at: Date.now() }),
      complain: (text) => complaints.push(text),
    };
    await within(RUN_MS, `the scenario ${scenario.name}`, scenario.run(scene));
    const from = performance.now();
    await settled(cluster);
    const settledMs = Math.round(performance.now() - from);
    complaints.push(...(await isolation.stop()));
    if (load.atALoss() > 0) complaints.push(`${load.atALoss()} requests were answered 500`);
    const after = await counters(cluster);
    const accounts = await readAccounts(cluster.database);
    if (departures.length > 0)
      recoveries.push(...givenBackMs(await readHistories(cluster.database), departures));
    const verdict = judge([...load.accepted.keys()], readLedger(cluster.ledger), accounts, load.accepted);
    return {
      ...verdict,
      deadlocks: after.deadlocks - before.deadlocks,
      rowsReadPerJob: Math.round((after.rowsRead - before.rowsRead) / Math.max(1, verdict.accepted)),
      settledMs,
      refused: load.refused(),
      failedAttempts: after.failed,
      recoveries: recoveries.map(Math.round),
      complaints,
    };
  } catch (error) {
    process.stderr.write(`${scenario.name}, seed ${seedNumber}:\n${await autopsy(cluster).catch(String)}\n`);
    throw error;
  } finally {
    await isolation.stop();
    await cluster.stop();
  }
}

/** Asks for little and seldom: what it makes the database read is counted too. */
async function settled({ database }: Cluster): Promise<void> {
  const open = 'select id from job where finished_at is null limit 1';
  const isOver = async () => {
    const connection = await createConnection({ uri: database });
    try {
      const [rows] = await connection.query<RowDataPacket[]>(open);
      return rows.length === 0;
    } finally {
      await connection.end();
    }
  };
  await until('every job to end', isOver, { timeoutMs: SETTLE_MS, everyMs: 1000 });
}

/** A database that was restarted counts from nothing again. */
async function counters({
  database,
}: Cluster): Promise<{ deadlocks: number; rowsRead: number; failed: number }> {
  const connection = await createConnection({ uri: database });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      "show global status where variable_name in ('Innodb_deadlocks', 'Handler_read_next')",
    );
    const count = (name: string) => Number(rows.find((row) => row['Variable_name'] === name)?.['Value']);
    const [failed] = await connection.query<RowDataPacket[]>(
      "select count(*) as n from job_result where state <> 'succeeded'",
    );
    return {
      ...{ deadlocks: count('Innodb_deadlocks'), rowsRead: count('Handler_read_next') },
      failed: Number(failed[0]?.['n']),
    };
  } finally {
    await connection.end();
  }
}
