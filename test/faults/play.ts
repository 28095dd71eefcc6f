/** One scenario from an empty cluster to a verdict. */
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { until } from '../helpers/until.js';
import { readAccounts } from './accounts.js';
import { type Cluster, startCluster } from './cluster.js';
import { readLedger } from './ledger.js';
import { startLoad } from './load.js';
import type { Scenario } from './scenarios.js';
import { SLOTS } from './scenarios.js';
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
}

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
  try {
    const load = await startLoad(cluster.url, cluster.ledger, seed);
    await load.publish('1.0.0');
    await load.deploy('1.0.0');
    const before = await counters(cluster);
    await scenario.run({ cluster, load, seed, ...size });
    const from = performance.now();
    await settled(cluster);
    const settledMs = Math.round(performance.now() - from);
    const after = await counters(cluster);
    const accounts = await readAccounts(cluster.database);
    const verdict = judge([...load.accepted.keys()], readLedger(cluster.ledger), accounts, load.accepted);
    return {
      ...verdict,
      deadlocks: after.deadlocks - before.deadlocks,
      rowsReadPerJob: Math.round((after.rowsRead - before.rowsRead) / Math.max(1, verdict.accepted)),
      settledMs,
    };
  } finally {
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
async function counters({ database }: Cluster): Promise<{ deadlocks: number; rowsRead: number }> {
  const connection = await createConnection({ uri: database });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      "show global status where variable_name in ('Innodb_deadlocks', 'Handler_read_next')",
    );
    const count = (name: string) => Number(rows.find((row) => row['Variable_name'] === name)?.['Value']);
    return { deadlocks: count('Innodb_deadlocks'), rowsRead: count('Handler_read_next') };
  } finally {
    await connection.end();
  }
}
