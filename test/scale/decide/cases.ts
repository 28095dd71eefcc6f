/** Small policies and snapshots for the tests of decisions. */
import { MINUTE } from '../../../src/kernel/time.js';
import type {
  Facts,
  Group,
  InstanceFact,
  Metrics,
  Series,
  Snapshot,
} from '../../../src/scale/decide/snapshot.js';
import { scalePolicySchema } from '../../../src/scale/model.js';
import type { ScalePolicy } from '../../../src/scale/policy/policy.js';

export const START = Date.parse('2026-03-02T00:00:00Z');

/** The default policy with 1000 requests a minute to an instance, without learning, and what else is given. */
export function aPolicy(input: object = {}): ScalePolicy {
  const given = input as Record<string, object>;
  return scalePolicySchema.parse({
    version: 1,
    learn: { mode: 'off' },
    ...input,
    signal: { capacityPerInstance: 1000, ...given['signal'] },
  });
}

export type Values = readonly (number | null)[];

/** One value a bucket from `start` on; null leaves the bucket out. */
export function aSeries(values: Values, start = START, period = MINUTE): Series {
  return {
    periodMs: period,
    status: 'complete',
    points: values.flatMap((value, index) => (value === null ? [] : [{ at: start + index * period, value }])),
  };
}

/** So many minutes of one value. */
export function flat(minutes: number, value: number): number[] {
  return Array.from({ length: minutes }, () => value);
}

export function instances(count: number, zones: readonly string[] = ['a', 'b']): InstanceFact[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `i-${index}`,
    zone: zones[index % zones.length] ?? 'a',
    state: 'inService',
    healthy: true,
    launchedAt: START - index * MINUTE,
    creditBalance: null,
    busyJobs: null,
    isProtected: false,
  }));
}

const CALM: Facts = {
  isSwitchedOff: false,
  isRefreshing: false,
  isDeploying: false,
  dbMaxConnections: null,
  bootMs: null,
  burst: null,
};

interface SnapshotOptions {
  readonly desired: number;
  /** Requests a minute from START on. */
  readonly demand: Values;
  readonly facts?: Partial<Facts>;
  readonly group?: Partial<Group>;
  readonly metrics?: Partial<Metrics>;
}

/** A healthy group in two zones. */
export function aSnapshot({ desired, demand, facts, group, metrics }: SnapshotOptions): Snapshot {
  return {
    group: {
      name: 'fleet',
      desired,
      min: 0,
      max: 100,
      zones: ['a', 'b'],
      instances: instances(desired),
      ...group,
    },
    metrics: {
      demand: aSeries(demand),
      cpu: null,
      healthyHosts: aSeries(demand.map(() => desired)),
      unhealthyHosts: null,
      dbCpu: null,
      dbConnections: null,
      ...metrics,
    },
    facts: { ...CALM, ...facts },
  };
}

/** When the last bucket of so many minutes has settled. */
export function afterMinutes(minutes: number): number {
  return START + minutes * MINUTE + MINUTE;
}
