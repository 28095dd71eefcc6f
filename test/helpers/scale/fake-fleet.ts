/** Strict fake of an Auto Scaling group and its target groups: zones, bounds, boot and drain by the test's clock. */
import type { TargetState } from '../../../src/scale/group/facts.js';
import { AwsFault } from '../aws-model/fake-aws.js';

export interface FakeInstance {
  readonly id: string;
  readonly zone: string;
  readonly launchedAt: number;
  lifecycle: 'Pending' | 'InService' | 'Standby' | 'Terminating:Wait' | 'Terminated';
  isHealthy: boolean;
  isProtected: boolean;
  readonly templateVersion: number;
  /** When its present state ends by itself. */
  until: number;
}

export interface FakeTarget {
  state: TargetState;
  until: number;
}

export interface FakeFleetOptions {
  readonly now: () => number;
  readonly name?: string;
  readonly zones?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly desired?: number;
  readonly targetGroups?: readonly string[];
  readonly bootMs?: number;
  /** From registration to healthy. */
  readonly checkMs?: number;
  readonly drainMs?: number;
  readonly hookMs?: number;
}

export interface FakeActivity {
  readonly id: string;
  readonly instanceId: string;
  readonly kind: 'Launching a new EC2 instance' | 'Terminating EC2 instance';
  readonly startedAt: number;
  endedAt: number | null;
  readonly cause: string;
}

export interface FakeFleet {
  readonly now: () => number;
  readonly name: string;
  readonly zones: readonly string[];
  min: number;
  max: number;
  desired: number;
  tags: Record<string, string>;
  suspended: string[];
  warmup: number | null;
  metrics: string[];
  instances: FakeInstance[];
  activities: FakeActivity[];
  readonly targetGroups: ReadonlyMap<string, Map<string, FakeTarget>>;
  templateVersion: number;
  /** As with a health check of the balancer: an instance that no target group knows is replaced. */
  replacesUnused: boolean;
  /** Lets the group do what is due by now. */
  settle(): void;
  /** As the API does it: within the bounds or refused. */
  setDesired(desired: number): void;
  terminate(id: string, decrement: boolean): void;
  readonly inService: () => readonly FakeInstance[];
  readonly drainMs: number;
}

const MINUTE = 60_000;

export function fakeFleet(options: FakeFleetOptions): FakeFleet {
  const { now, name = 'roc-app', zones = ['eu-west-1a', 'eu-west-1b'] } = options;
  const { bootMs = 3 * MINUTE, checkMs = 20_000, drainMs = 2 * MINUTE, hookMs = 90_000 } = options;
  let numbers = 0;
  const fleet: FakeFleet = {
    now,
    name,
    zones,
    min: options.min ?? 2,
    max: options.max ?? 6,
    desired: options.desired ?? 2,
    tags: {},
    suspended: [],
    warmup: null,
    metrics: [],
    instances: [],
    activities: [],
    targetGroups: new Map((options.targetGroups ?? [API_TARGETS]).map((arn) => [arn, new Map()])),
    templateVersion: 1,
    replacesUnused: false,
    drainMs,
    inService: () => fleet.instances.filter(({ lifecycle }) => lifecycle === 'InService'),
    settle() {
      for (const instance of fleet.instances) progress(instance);
      for (const targets of fleet.targetGroups.values()) settleTargets(targets);
      if (fleet.replacesUnused) replaceUnused();
      fleet.instances = fleet.instances.filter(({ lifecycle }) => lifecycle !== 'Terminated');
      const here = () =>
        fleet.instances.filter(({ lifecycle }) => lifecycle === 'Pending' || lifecycle === 'InService');
      while (here().length < fleet.desired && !fleet.suspended.includes('Launch'))
        launch('a difference between desired and actual capacity');
      while (here().length > fleet.desired && !fleet.suspended.includes('Terminate'))
        begin(crowded(here()), 'a difference between desired and actual capacity');
    },
    setDesired(desired) {
      if (desired > fleet.max)
        refuse(`New SetDesiredCapacity value ${desired} is above max value ${fleet.max}`);
      if (desired < fleet.min)
        refuse(`New SetDesiredCapacity value ${desired} is below min value ${fleet.min}`);
      fleet.desired = desired;
      fleet.settle();
    },
    terminate(id, decrement) {
      const instance = fleet.instances.find((one) => one.id === id);
      if (instance === undefined)
        return refuse(`Instance Id not found - No managed instance found for ${id}`);
      if (instance.lifecycle !== 'InService')
        return refuse(`The instance ${id} is not in InService or Standby`);
      if (decrement && fleet.desired - 1 < fleet.min)
        return refuse(
          'Currently, desiredSize equals minSize. Terminating instance without replacement will violate group minSize',
        );
      if (decrement) fleet.desired -= 1;
      begin(instance, 'a user request');
      fleet.settle();
    },
  };

  function progress(instance: FakeInstance): void {
    if (now() < instance.until) return;
    if (instance.lifecycle === 'Pending') {
      Object.assign(instance, { lifecycle: 'InService', until: Number.POSITIVE_INFINITY });
      for (const targets of fleet.targetGroups.values())
        targets.set(instance.id, { state: 'initial', until: now() + checkMs });
      finish(instance.id);
    } else if (instance.lifecycle === 'Terminating:Wait') {
      instance.lifecycle = 'Terminated';
      for (const targets of fleet.targetGroups.values()) targets.delete(instance.id);
      finish(instance.id);
    }
  }

  function settleTargets(targets: Map<string, FakeTarget>): void {
    for (const [id, target] of targets) {
      if (now() < target.until) continue;
      if (target.state === 'initial')
        Object.assign(target, { state: 'healthy', until: Number.POSITIVE_INFINITY });
      else if (target.state === 'draining') targets.delete(id);
    }
  }

  function replaceUnused(): void {
    for (const instance of fleet.inService()) {
      const isKnown = [...fleet.targetGroups.values()].every((targets) => targets.has(instance.id));
      if (!isKnown) begin(instance, 'an ELB system health check failure');
    }
  }

  function launch(cause: string): void {
    const count = (zone: string) =>
      fleet.instances.filter((one) => one.zone === zone && !one.lifecycle.startsWith('Terminat')).length;
    const [zone = ''] = [...zones].sort((a, b) => count(a) - count(b));
    const id = `i-0${String(++numbers).padStart(16, '0')}`;
    fleet.instances.push({
      ...{ id, zone, launchedAt: now(), lifecycle: 'Pending', isHealthy: true, isProtected: false },
      ...{ templateVersion: fleet.templateVersion, until: now() + bootMs },
    });
    record(id, 'Launching a new EC2 instance', cause);
  }

  function begin(instance: FakeInstance, cause: string): void {
    Object.assign(instance, { lifecycle: 'Terminating:Wait', until: now() + Math.max(drainMs, hookMs) });
    for (const targets of fleet.targetGroups.values()) {
      const target = targets.get(instance.id);
      if (target !== undefined && target.state !== 'draining')
        Object.assign(target, { state: 'draining', until: now() + drainMs });
    }
    record(instance.id, 'Terminating EC2 instance', cause);
  }

  function record(instanceId: string, kind: FakeActivity['kind'], cause: string): void {
    const id = `activity-${fleet.activities.length + 1}`;
    fleet.activities.push({ id, instanceId, kind, startedAt: now(), endedAt: null, cause });
  }

  function finish(instanceId: string): void {
    const open = fleet.activities.findLast((one) => one.instanceId === instanceId && one.endedAt === null);
    if (open !== undefined) open.endedAt = now();
  }

  // At the start everything serves already.
  while (fleet.instances.length < fleet.desired) launch('the group was made');
  for (const instance of fleet.instances) {
    Object.assign(instance, { launchedAt: now() - 24 * 60 * MINUTE, until: now() });
    progress(instance);
    for (const targets of fleet.targetGroups.values())
      targets.set(instance.id, { state: 'healthy', until: Number.POSITIVE_INFINITY });
  }
  fleet.activities = [];
  return fleet;
}

export const API_TARGETS =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/roc-api/73e2d6bc24d8a067';

function refuse(message: string): never {
  throw new AwsFault('ValidationError', message);
}

/** The default termination policy: the zone with the most, there the oldest. */
function crowded(instances: readonly FakeInstance[]): FakeInstance {
  const count = (zone: string) => instances.filter((one) => one.zone === zone).length;
  const [first] = [...instances].sort(
    (a, b) => count(b.zone) - count(a.zone) || a.launchedAt - b.launchedAt || (a.id < b.id ? -1 : 1),
  );
  if (first === undefined) throw new TypeError('no instance to end');
  return first;
}
