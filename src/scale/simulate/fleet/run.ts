/** One policy on one workload: a virtual clock of minutes. Nothing is read but the arguments, so a run repeats itself. */
import { createHash } from 'node:crypto';
import type { ControllerSpec, FleetView, Metrics } from './controller.js';
import { type Faults, NO_FAULTS, visibility } from './faults.js';
import { createFleet } from './fleet.js';
import type { FleetModel, Workload } from './model.js';

export interface Run {
  readonly policy: string;
  readonly minutes: number;
  readonly violationMinutes: number;
  /** Demand that found every instance full, in instance-minutes, and all demand. */
  readonly droppedDemand: number;
  readonly demand: number;
  /** Serving, booting and draining instances, each minute. */
  readonly billedMinutes: number;
  readonly surplusUsd: number;
  readonly actions: number;
  /** Actions that undo the one before within a quarter of an hour. */
  readonly flaps: number;
  readonly trace: Trace;
  /** SHA-256 of what was asked for, minute by minute. */
  readonly decisions: string;
}

/** One number a minute. */
export interface Trace {
  readonly ready: Uint8Array;
  readonly desired: Uint8Array;
  readonly billed: Uint16Array;
}

const FLAP_MINUTES = 15;
const NEARLY = 1e-9;

/**
 * Each minute: instances that have booted serve, the minute is judged and measured, the controller is asked, and what
 * it answers begins with the next minute.
 */
export function runPolicy(
  workload: Workload,
  spec: ControllerSpec,
  model: FleetModel,
  faults: Faults = NO_FAULTS,
): Run {
  const { demand, startMs } = workload;
  const minutes = demand.length;
  const fleet = createFleet(model, faults, minutes);
  const seen = visibility(minutes, faults);
  const trace = emptyTrace(minutes);
  const metrics = emptyMetrics(minutes);
  const view = newView(metrics, fleet, model.min);
  const controller = spec.create({ fleet: model, startMs, minutes });
  const changes = changeCounter();
  let asked = model.min;
  let violations = 0;
  let dropped = 0;
  let total = 0;
  let billed = 0;
  for (let t = 0; t < minutes; t++) {
    fleet.begin(t, asked);
    const load = demand[t] ?? 0;
    const ready = fleet.ready();
    const now = fleet.live() + fleet.draining();
    if (load > model.sloUtil * ready + NEARLY) violations++;
    if (load > ready) dropped += load - ready;
    total += load;
    billed += now;
    fleet.serve(ready === 0 ? 0 : load / ready);
    trace.ready[t] = ready;
    trace.billed[t] = now;
    measure(metrics, t, load, ready, seen[t] ?? 0);
    view.minute = t;
    view.known = t - model.lagMinutes;
    view.desired = asked;
    view.ready = ready;
    view.booting = fleet.live() - ready;
    view.draining = fleet.draining();
    const wanted = within(controller.step(view), asked, model);
    trace.desired[t] = wanted;
    if (wanted !== asked) changes.count(t, wanted - asked);
    asked = wanted;
  }
  return {
    policy: spec.name,
    minutes,
    violationMinutes: violations,
    droppedDemand: dropped,
    demand: total,
    billedMinutes: billed,
    surplusUsd: fleet.settle(),
    actions: changes.actions(),
    flaps: changes.flaps(),
    trace,
    decisions: createHash('sha256').update(trace.desired).digest('hex'),
  };
}

function emptyTrace(minutes: number): Trace {
  return {
    ready: new Uint8Array(minutes),
    desired: new Uint8Array(minutes),
    billed: new Uint16Array(minutes),
  };
}

function emptyMetrics(minutes: number): Metrics {
  return {
    cpu: new Float64Array(minutes).fill(Number.NaN),
    requests: new Float64Array(minutes).fill(Number.NaN),
    ready: new Uint8Array(minutes),
  };
}

function newView(
  metrics: Metrics,
  fleet: { olderThan: (t: number, age: number) => number },
  desired: number,
): FleetView {
  const view: FleetView = {
    minute: 0,
    known: -1,
    desired,
    ready: desired,
    booting: 0,
    draining: 0,
    olderThan: (age) => fleet.olderThan(view.minute, age),
    metrics,
  };
  return view;
}

function measure(metrics: Metrics, t: number, load: number, ready: number, seen: number): void {
  metrics.ready[t] = ready;
  if (seen === 1) return;
  metrics.requests[t] = seen === 2 ? 0 : load;
  if (seen === 2) metrics.cpu[t] = 0;
  else if (ready > 0) metrics.cpu[t] = Math.min(1, load / ready);
}

// A controller that has no number holds what there is.
function within(wanted: number, asked: number, { min, max }: FleetModel): number {
  return Number.isNaN(wanted) ? asked : Math.max(min, Math.min(max, Math.ceil(wanted)));
}

function changeCounter() {
  let actions = 0;
  let flaps = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  let lastSign = 0;
  return {
    count(t: number, by: number): void {
      const sign = Math.sign(by);
      actions++;
      if (sign === -lastSign && t - lastAt <= FLAP_MINUTES) flaps++;
      lastAt = t;
      lastSign = sign;
    },
    actions: () => actions,
    flaps: () => flaps,
  };
}
