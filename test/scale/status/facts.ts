/** Facts of an installation that is well, for tests of the judgement to spoil. */
import type { MetricSeries, SeriesStatus } from '../../../src/scale/metrics/series.js';
import type {
  DatabaseFacts,
  OrchestratorFacts,
  ServersFacts,
  StatusFacts,
} from '../../../src/scale/status/facts.js';

export const NOW = Date.UTC(2026, 10, 22, 3, 20, 17);
export const MINUTE = 60_000;
const GIB = 2 ** 30;

/** One value in each bucket of the last hour, the newest ending `age` ago. */
export function steady(
  id: string,
  value: number,
  { age = 2 * MINUTE, periodMs = MINUTE, status = 'complete' as SeriesStatus } = {},
): MetricSeries {
  const end = Math.floor((NOW - age) / periodMs) * periodMs;
  const points = Array.from({ length: 60 }, (_, i) => ({ at: end - (60 - i) * periodMs, value }));
  return { id, periodMs, points, status, messages: [] };
}

function seriesOf(values: Readonly<Record<string, number | MetricSeries>>): Map<string, MetricSeries> {
  return new Map(
    Object.entries(values).map(([id, value]) => [id, typeof value === 'number' ? steady(id, value) : value]),
  );
}

const WELL = {
  requests: 1000,
  p95: 0.2,
  target5xx: 0,
  balancer5xx: 0,
  healthy: 2,
  cpu: 40,
  'cpu:i-1': 40,
  'cpu:i-2': 40,
  'credits:i-1': 280,
  'credits:i-2': 280,
  'surplus:i-1': 0,
  'surplus:i-2': 0,
  'db:cpu:db': 20,
  'db:connections:db': 30,
  'db:freeMemory:db': 8 * GIB,
  'db:freeStorage:db': 70 * GIB,
};

export const servers: ServersFacts = {
  group: {
    ...{ name: 'roc-prod', min: 2, max: 6, desired: 2, zones: ['a', 'b'], targetGroupArns: [], tags: {} },
    ...{ suspended: [], warmupSeconds: null, metrics: [], isLeaving: false },
    instances: ['a', 'b'].map((zone, i) => ({
      ...{ id: `i-${i + 1}`, zone, lifecycle: 'InService', isHealthy: true, isProtected: false },
      ...{ templateVersion: 1, type: 't3.small' },
    })),
  },
  instances: ['i-1', 'i-2'].map((id) => ({
    ...{ id, type: 't3.small', launchedAt: NOW - 9e8, checks: 'ok', credits: 'unlimited' },
  })),
};

export const database: DatabaseFacts = {
  ...{ id: 'db', status: 'available', class: 'db.m5.2xlarge', engine: 'mysql 8.0.43', multiAz: true },
  ...{ zone: 'a', secondaryZone: 'b', storageGb: 100, maxStorageGb: null, pending: [], replicaOf: null },
  ...{ latestRestorableAt: NOW - 4 * MINUTE, replication: null, maxConnections: null, failovers: [] },
};

export const orchestrator: OrchestratorFacts = {
  url: 'https://roc.example.com',
  health: { status: 200, failure: null, tookMs: 12 },
  ready: { status: 200, failure: null, tookMs: 12, checks: { database: true, blobs: true, keys: true } },
  queue: { depth: 3, oldestSeconds: 5, runnersOnline: 2 },
  nodes: {
    value: [{ id: 'a', instanceId: null, version: '1', state: 'online', busy: 0.1, lastSeenAt: NOW }],
  },
};

export function facts(
  spoiled: Partial<Omit<StatusFacts, 'series'>> & {
    readonly series?: Readonly<Record<string, number | MetricSeries>>;
  } = {},
): StatusFacts {
  return {
    now: NOW,
    region: 'eu-west-1',
    balancer: {
      value: {
        name: 'roc-prod',
        state: 'active',
        targets: {
          api: new Map([
            ['i-1', 'healthy'],
            ['i-2', 'healthy'],
          ]),
        },
      },
    },
    servers: { value: servers },
    service: null,
    database: { value: database },
    orchestrator,
    alarms: { value: [] },
    metricsUnknown: null,
    history: null,
    ...spoiled,
    series: seriesOf({ ...WELL, ...spoiled.series }),
  };
}
