/** The clairvoyant: the least violations that any policy could have had, and with those the least hours; exact. */
import type { ControllerSpec } from './fleet/controller.js';
import type { FleetModel, Workload } from './fleet/model.js';
import { type Run, runPolicy } from './fleet/run.js';

/**
 * Dynamic programming over the number of serving instances of each minute, O(minutes × sizes²). It pays for boots and
 * drains as everyone does, and no more than others can it change anything before the first minute has ended.
 */
export function runOracle(workload: Workload, model: FleetModel): Run {
  const serving = bestCapacity(workload.demand, model);
  return runPolicy(workload, followCapacity(serving, model), model);
}

/** @returns instances that should serve, minute by minute */
function bestCapacity(demand: Float64Array, model: FleetModel): Uint8Array {
  const sizes = model.max - model.min + 1;
  const minutes = demand.length;
  // More than all hours that could be saved: one violation outweighs them.
  const violation = (model.max + 1) * (minutes + model.bootMinutes + model.drainMinutes + 1);
  const from = new Uint8Array(minutes * sizes);
  let cost = new Float64Array(sizes).fill(Number.POSITIVE_INFINITY);
  let next = new Float64Array(sizes);
  cost[0] = minuteCost(demand[0] ?? 0, model.min, model, violation);
  for (let t = 1; t < minutes; t++) {
    const drain = Math.min(model.drainMinutes, minutes - t);
    // The first launch can be asked for when minute 0 has ended.
    const boot = t > model.bootMinutes ? model.bootMinutes : Number.POSITIVE_INFINITY;
    for (let to = 0; to < sizes; to++) {
      const origin = cheapestOrigin(cost, to, boot, drain);
      const changed = (to - origin) * (to > origin ? boot : -drain);
      next[to] =
        (cost[origin] ?? 0) +
        (origin === to ? 0 : changed) +
        minuteCost(demand[t] ?? 0, model.min + to, model, violation);
      from[t * sizes + to] = origin;
    }
    [cost, next] = [next, cost];
  }
  return walkBack(from, cost, minutes, model);
}

// Staying wins a tie, so that nothing is changed for nothing.
function cheapestOrigin(cost: Float64Array, to: number, boot: number, drain: number): number {
  let best = cost[to] ?? 0;
  let origin = to;
  for (let k = 0; k < cost.length; k++) {
    const changed = (cost[k] ?? 0) + (k < to ? (to - k) * boot : (k - to) * drain);
    if (k === to || changed >= best) continue;
    best = changed;
    origin = k;
  }
  return origin;
}

function minuteCost(load: number, size: number, model: FleetModel, violation: number): number {
  return size + (load > model.sloUtil * size + 1e-9 ? violation : 0);
}

function walkBack(from: Uint8Array, cost: Float64Array, minutes: number, model: FleetModel): Uint8Array {
  const sizes = cost.length;
  const serving = new Uint8Array(minutes);
  let size = 0;
  for (let k = 1; k < sizes; k++) if ((cost[k] ?? 0) < (cost[size] ?? 0)) size = k;
  for (let t = minutes - 1; t >= 0; t--) {
    serving[t] = model.min + size;
    size = from[t * sizes + size] ?? 0;
  }
  return serving;
}

// Asked for at the end of minute t: what leaves is gone in t + 1, what comes serves a boot later.
function followCapacity(serving: Uint8Array, model: FleetModel): ControllerSpec {
  const last = serving.length - 1;
  return {
    name: 'oracle',
    create: () => ({
      step({ minute }) {
        let most = 0;
        for (let t = minute + 1; t <= Math.min(last, minute + 1 + model.bootMinutes); t++)
          most = Math.max(most, serving[t] ?? 0);
        return minute >= last ? (serving[last] ?? 0) : most;
      },
    }),
  };
}
