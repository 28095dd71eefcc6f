/** Small workloads and fleets, and policies that follow a list. */
import type { ControllerSpec } from '../../../src/scale/simulate/fleet/controller.js';
import { FLEETS, type FleetModel, type Workload } from '../../../src/scale/simulate/fleet/model.js';

export const TINY: FleetModel = { ...FLEETS.small, min: 1, max: 3, bootMinutes: 2, drainMinutes: 2 };

/** Demand in instances' worth, a number a minute. */
export function workload(demand: readonly number[], name = 'tiny'): Workload {
  return { name, startMs: Date.UTC(2026, 2, 1), demand: Float64Array.from(demand), capacity: 1 };
}

/** Asks for the numbers of a list, one a minute, and stays with the last. */
export function follow(list: readonly number[]): ControllerSpec {
  return {
    name: 'list',
    create: () => ({ step: ({ minute }) => list[minute] ?? list.at(-1) ?? Number.NaN }),
  };
}
