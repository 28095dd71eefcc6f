/** Small policies and snapshots for the tests of decisions. */
import { MINUTE } from '../../../src/kernel/time.js';
import type { Facts, InstanceFact, Series, Snapshot } from '../../../src/scale/decide/snapshot.js';
import { scalePolicySchema } from '../../../src/scale/model.js';
import type { ScalePolicy } from '../../../src/scale/policy.js';

export const START = Date.parse('2026-03-02T00:00:00Z');

/** The default policy with 1000 requests a minute to an instance, and what else is given. */
export function aPolicy(input: object = {}): ScalePolicy {
  const given = input as Record<string, object>;
  return scalePolicySchema.parse({
    version: 1,
    ...input,
    signal: { capacityPerInstance: 1000, ...given['signal'] },
  });
}

export function aSeries(values: readonly (number | null)[], start = START, period = MINUTE): Series {
  return {
    periodMs: period,
    status: 'complete',
    points: values.flatMap((value, index) => (value === null ? [] : [{ at: start + index * period, value }])),
  };
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

export const CALM: Facts = {
  isSwitchedOff: false,
  isRefreshing: false,
  isDeploying: false,
  dbMaxConnections: null,
  bootMs: null,
  burst: null,
};

interface SnapshotOptions {
  readonly desired: number;
  readonly demand: readonly (number | null)[];
  readonly facts?: Partial<Facts>;
}

/** A healthy group in two zones; `demand` in requests a minute from START on. */
export function aSnapshot({ desired, demand, facts = {} }: SnapshotOptions): Snapshot {
  return {
    group: {
      name: 'fleet',
      desired,
      min: 0,
      max: 100,
      zones: ['a', 'b'],
      instances: instances(desired),
    },
    metrics: {
      demand: aSeries(demand),
      cpu: null,
      healthyHosts: aSeries(demand.map(() => desired)),
      unhealthyHosts: aSeries(demand.map(() => 0)),
      dbCpu: null,
      dbConnections: null,
    },
    facts: { ...CALM, ...facts },
  };
}
