/** What a change of a database's class needs of AWS: its history, its newest snapshot, the change itself. */
import { ModifyDBInstanceCommand, paginateDescribeDBSnapshots, RDSClient } from '@aws-sdk/client-rds';
import { sendAws } from '../../kernel/aws-call.js';
import { DAY, HOUR, SECOND } from '../../kernel/time.js';
import type { DatabaseHistory } from '../database/advice.js';
import type { ReadingCost } from '../metrics/cost.js';
import { type DatabaseMetric, databaseQuery, type MetricQuery } from '../metrics/names.js';
import { floorTo, onGrid } from '../metrics/series.js';
import type { AwsAccess } from './access.js';
import { readMetrics } from './metrics.js';

const BACK = 14 * DAY;

const READS = {
  cpuMean: ['cpu', 'Average'],
  cpuMax: ['cpu', 'Maximum'],
  connectionsMax: ['connections', 'Maximum'],
  freeMemoryMin: ['freeMemory', 'Minimum'],
  freeStorageMin: ['freeStorage', 'Minimum'],
  creditsMin: ['credits', 'Minimum'],
} as const satisfies Record<keyof DatabaseHistory, readonly [DatabaseMetric, string]>;

/** Two weeks in hours, which costs the fraction of a cent that `cost` says. */
export async function readDatabaseHistory(
  access: AwsAccess,
  id: string,
  now: number,
  signal?: AbortSignal,
): Promise<{ readonly history: DatabaseHistory; readonly cost: ReadingCost }> {
  const window = { from: floorTo(now - BACK, HOUR), to: floorTo(now, HOUR) };
  const queries = Object.entries(READS).map(
    ([name, [metric, statistic]]): MetricQuery => ({
      ...databaseQuery(id, metric),
      id: name,
      statistic,
      periodSeconds: HOUR / SECOND,
    }),
  );
  const { series, cost } = await readMetrics(access, queries, { ...window, now, signal });
  const grid = (name: keyof DatabaseHistory) => {
    const one = series.get(name);
    // What AWS could not tell whole is no proof of anything.
    return one === undefined || one.status !== 'complete' ? [] : onGrid(one, window);
  };
  return {
    history: {
      cpuMean: grid('cpuMean'),
      cpuMax: grid('cpuMax'),
      connectionsMax: grid('connectionsMax'),
      freeMemoryMin: grid('freeMemoryMin'),
      freeStorageMin: grid('freeStorageMin'),
      creditsMin: grid('creditsMin'),
    },
    cost,
  };
}

/** When the newest finished snapshot was taken; null where there is none. */
export async function newestSnapshotAt(
  access: AwsAccess,
  id: string,
  signal?: AbortSignal,
): Promise<number | null> {
  const client = access.client(RDSClient);
  const { newest } = await sendAws(
    'rds:DescribeDBSnapshots',
    async (abortSignal) => {
      let latest: number | null = null;
      const pages = paginateDescribeDBSnapshots({ client }, { DBInstanceIdentifier: id }, { abortSignal });
      for await (const { DBSnapshots = [] } of pages) {
        for (const { Status, SnapshotCreateTime } of DBSnapshots)
          if (Status === 'available' && SnapshotCreateTime !== undefined)
            latest = Math.max(latest ?? 0, SnapshotCreateTime.getTime());
      }
      return { newest: latest, $metadata: {} };
    },
    { signal },
  );
  return newest;
}

/** Changes the class now; returns what AWS calls the request. Ask decideClassChange just before. */
export async function changeDatabaseClass(
  access: AwsAccess,
  id: string,
  to: string,
  signal?: AbortSignal,
): Promise<{ readonly requestId: string | null }> {
  const command = new ModifyDBInstanceCommand({
    DBInstanceIdentifier: id,
    DBInstanceClass: to,
    ApplyImmediately: true,
  });
  const reply = await sendAws(
    'rds:ModifyDBInstance',
    (abortSignal) => access.client(RDSClient).send(command, { abortSignal }),
    { signal },
  );
  return { requestId: reply.$metadata.requestId ?? null };
}
