/** The fleet that a simulation runs on: how instances start, stop, serve and cost. */
import { RocError } from '../../../kernel/errors.js';
import type { Series } from '../series/series.js';

export interface FleetModel {
  readonly min: number;
  readonly max: number;
  /** Minutes from launch until an instance serves; billed. */
  readonly bootMinutes: number;
  /** Minutes that a leaving instance is still billed; it serves nothing. */
  readonly drainMinutes: number;
  /** Minutes after its end before a minute's metrics can be read. */
  readonly lagMinutes: number;
  /** A minute above this utilisation is a violation. */
  readonly sloUtil: number;
  /** Instances that 99.5 % of all minutes need at the SLO, where the capacity is not given. */
  readonly peakInstances: number;
  readonly prices: Prices;
}

/** Dollars; a burstable instance (T3, unlimited mode) pays for what it uses above its baseline. */
export interface Prices {
  readonly instanceHour: number;
  readonly surplusVcpuHour: number;
  readonly vcpus: number;
  /** Share of each vCPU that is paid for already. */
  readonly baseline: number;
}

/** t3.small, Linux, us-east-1. */
export const T3_SMALL: Prices = { instanceHour: 0.0208, surplusVcpuHour: 0.05, vcpus: 2, baseline: 0.2 };

export const FLEETS = {
  small: {
    min: 2,
    max: 6,
    bootMinutes: 3,
    drainMinutes: 5,
    lagMinutes: 1,
    sloUtil: 0.8,
    peakInstances: 4,
    prices: T3_SMALL,
  },
  medium: {
    min: 2,
    max: 14,
    bootMinutes: 3,
    drainMinutes: 5,
    lagMinutes: 1,
    sloUtil: 0.8,
    peakInstances: 10,
    prices: T3_SMALL,
  },
} as const satisfies Record<string, FleetModel>;

/** A series in the unit of a fleet: 1 is all that one instance can do. */
export interface Workload {
  readonly name: string;
  readonly startMs: number;
  readonly demand: Float64Array;
  /** What one instance carries at 100 %, in the unit of the source. */
  readonly capacity: number;
}

/**
 * @param capacity what one instance carries at 100 %, in the unit of the source; by default what the source knows of
 *   it, else such that 99.5 % of all minutes need at most `peakInstances` at the SLO
 * @throws RocError ROC_INVALID_INPUT for a series without any demand
 */
export function toWorkload(series: Series, fleet: FleetModel, capacity?: number): Workload {
  const one =
    capacity ?? series.capacity ?? percentile(series.demand, 0.995) / (fleet.peakInstances * fleet.sloUtil);
  if (!(one > 0))
    throw new RocError('ROC_INVALID_INPUT', `${series.name}: 99.5 % of its minutes have no demand at all`, {
      hint: 'Say with --capacity what one instance carries, in the unit of the file.',
    });
  return {
    name: series.name,
    startMs: series.startMs,
    demand: series.demand.map((value) => value / one),
    capacity: one,
  };
}

/** A part of a workload, by minutes; the capacity stays. */
export function sliceWorkload(workload: Workload, from: number, to: number): Workload {
  return {
    ...workload,
    startMs: workload.startMs + from * 60_000,
    demand: workload.demand.subarray(from, to),
  };
}

/** By nearest rank. */
function percentile(values: Float64Array, share: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
