/**
 * A policy of roc in a simulation: the controller that also runs live, fed from the model of a fleet. What it sees is
 * made once and changed in place, so that a minute costs no memory.
 */
import { MINUTE } from '../../kernel/time.js';
import { createController } from '../decide/controller.js';
import type { InstanceFact, Sample, Series, Snapshot } from '../decide/snapshot.js';
import type { ScalePolicy } from '../policy/policy.js';
import type { Controller, ControllerContext, ControllerSpec, FleetView } from './fleet/controller.js';

/** Requests a minute that fill one instance, where the policy would learn it. */
const REQUESTS_PER_INSTANCE = 1000;
const ZONES = ['a', 'b'] as const;

/**
 * The fleet's bounds stand for those of the policy, so that all policies of a simulation have the same; everything else
 * is as the policy says.
 */
export function rocPolicy(name: string, policy: ScalePolicy): ControllerSpec {
  return { name, create: (context) => createRocController(policy, context) };
}

function createRocController(policy: ScalePolicy, context: ControllerContext): Controller {
  const { min, max } = context.fleet;
  const fitted = { ...policy, bounds: { ...policy.bounds, min, max } };
  const controller = createController(fitted);
  const fed = createFeed(fitted, context);
  return {
    step: (view) => controller.tick(fed.at(view), context.startMs + (view.minute + 1) * MINUTE),
  };
}

/** The newest minutes again and again: a controller that waits longer than the metrics do still gets every one. */
function createFeed(policy: ScalePolicy, { fleet, startMs }: ControllerContext) {
  const { settle } = policy.timing;
  const again = Math.ceil(Math.max(settle.alb, settle.ec2) / MINUTE) + 2;
  const perInstance =
    policy.signal.capacityPerInstance === 'auto' ? REQUESTS_PER_INSTANCE : policy.signal.capacityPerInstance;
  const demand = createSeries(again);
  const cpu = createSeries(again);
  const healthy = createSeries(again);
  const instances = createInstances(startMs, fleet.max);
  const group = {
    name: 'simulated',
    desired: fleet.min,
    min: fleet.min,
    max: fleet.max,
    zones: ZONES,
    instances: instances.list,
  };
  const snapshot: Snapshot = {
    group,
    metrics: {
      demand: demand.series,
      cpu: cpu.series,
      healthyHosts: healthy.series,
      unhealthyHosts: null,
      dbCpu: null,
      dbConnections: null,
    },
    facts: {
      isSwitchedOff: false,
      isRefreshing: false,
      isDeploying: false,
      dbMaxConnections: null,
      bootMs: fleet.bootMinutes * MINUTE,
      burst: { mode: 'unlimited', baseline: fleet.prices.baseline },
    },
  };
  let fed = -1;
  return {
    at(view: FleetView): Snapshot {
      const { known, metrics } = view;
      for (let t = fed + 1; t <= known; t++) {
        const at = startMs + t * MINUTE;
        const requests = metrics.requests[t] ?? Number.NaN;
        demand.add(at, requests * perInstance);
        cpu.add(at, (metrics.cpu[t] ?? Number.NaN) * 100);
        // An outage takes these too: a count of healthy hosts would turn missing requests into none.
        if (Number.isNaN(requests)) continue;
        healthy.add(at, metrics.ready[t] ?? 0);
      }
      fed = Math.max(fed, known);
      group.desired = view.desired;
      instances.become(view, startMs + (view.minute + 1) * MINUTE);
      return snapshot;
    },
  };
}

/** The newest points of a metric, oldest first; the object of the oldest becomes the newest. */
function createSeries(most: number) {
  const points: Sample[] = [];
  const spare: Point[] = Array.from({ length: most }, () => ({ at: 0, value: 0 }));
  let next = 0;
  const series: Series = { periodMs: MINUTE, status: 'complete', points };
  return {
    series,
    /** A minute without a value is left out, as CloudWatch leaves it out. */
    add(at: number, value: number): void {
      const point = spare[next];
      if (point === undefined || Number.isNaN(value)) return;
      next = (next + 1) % most;
      point.at = at;
      point.value = value;
      if (points.length < most) points.push(point);
      else {
        for (let i = 1; i < most; i++) points[i - 1] = points[i] ?? point;
        points[most - 1] = point;
      }
    },
  };
}

interface Point {
  at: number;
  value: number;
}

type State = InstanceFact['state'];

function createInstances(startMs: number, max: number) {
  const list: InstanceFact[] = [];
  const spare = Array.from({ length: 3 * max }, (_, i) => ({
    id: `i-${String(i).padStart(4, '0')}`,
    zone: ZONES[i % ZONES.length] ?? 'a',
    state: 'inService' as State,
    healthy: true,
    launchedAt: startMs,
    creditBalance: null,
    busyJobs: null,
    isProtected: false,
  }));
  function add(count: number, state: State, launchedAt: number): void {
    for (let i = 0; i < count; i++) {
      const instance = spare[list.length];
      if (instance === undefined) return;
      instance.state = state;
      instance.launchedAt = launchedAt;
      list.push(instance);
    }
  }
  let [served, booted, drained] = [-1, -1, -1];
  return {
    list,
    become({ ready, booting, draining }: FleetView, now: number): void {
      if (ready === served && booting === booted && draining === drained) return;
      [served, booted, drained] = [ready, booting, draining];
      list.length = 0;
      add(ready, 'inService', startMs);
      add(booting, 'pending', now);
      add(draining, 'leaving', startMs);
    },
  };
}
