/** A fleet of AWS: an Auto Scaling group, or a service of ECS described in the words of one. */
import { RocError } from '../../kernel/errors.js';
import type { Group } from '../group/facts.js';
import type { Fleet } from '../group/fleet.js';
import type { AwsAccess } from './access.js';
import { describeContenders } from './contenders.js';
import {
  describeBounds,
  describeService,
  describeServiceContenders,
  type EcsName,
  setDesiredCount,
} from './ecs.js';
import { describeActivities, describeGroup } from './group.js';
import { setDesired, terminateInstance } from './group-writes.js';
import { deregisterTarget, describeTargets, registerTarget } from './targets.js';

export function groupFleet(access: AwsAccess, name: string, signal?: AbortSignal): Fleet {
  return {
    kind: 'group',
    group: () => describeGroup(access, name, signal),
    contenders: () => describeContenders(access, name, signal),
    activities: () => describeActivities(access, name, signal),
    targets: (arn) => describeTargets(access, arn, signal),
    // What has begun is ended: no interrupt cuts a write in two.
    setDesired: (desired) => setDesired(access, name, desired),
    deregister: (arn, id) => deregisterTarget(access, arn, id),
    register: (arn, id) => registerTarget(access, arn, id),
    terminate: (id) => terminateInstance(access, id),
  };
}

export function serviceFleet(access: AwsAccess, name: EcsName, signal?: AbortSignal): Fleet {
  return {
    kind: 'service',
    group: () => serviceAsGroup(access, name, signal),
    contenders: async () => {
      const [others, { rollout }] = await Promise.all([
        describeServiceContenders(access, name, signal),
        describeService(access, name, signal),
      ]);
      return { ...others, rollout };
    },
    activities: async () => [],
    targets: (arn) => describeTargets(access, arn, signal),
    setDesired: (desired) => setDesiredCount(access, name, desired),
    deregister: notOfTasks,
    register: notOfTasks,
    terminate: notOfTasks,
  };
}

// ECS chooses which task ends, takes it from the balancer and waits: nothing here names one.
function notOfTasks(): never {
  throw new TypeError('tasks of a service are not ended one by one');
}

async function serviceAsGroup(
  access: AwsAccess,
  name: EcsName,
  signal: AbortSignal | undefined,
): Promise<Group> {
  const [service, bounds] = await Promise.all([
    describeService(access, name, signal),
    describeBounds(access, name, signal),
  ]);
  if (bounds === null) {
    throw new RocError('ROC_NOT_FOUND', `nothing says how many tasks ${name.service} may have`, {
      hint: 'Register the service with Application Auto Scaling (`roc provision` does), so that it has bounds.',
    });
  }
  const task = (lifecycle: string) => (_: unknown, i: number) => ({
    ...{ id: `${lifecycle}-${i}`, zone: '', lifecycle, isHealthy: true, isProtected: false },
    ...{ templateVersion: null, type: null },
  });
  return {
    ...{ name: name.service, ...bounds, desired: service.desired, zones: [], warmupSeconds: null },
    instances: [
      ...Array.from({ length: service.running }, task('InService')),
      ...Array.from({ length: service.pending }, task('Pending')),
    ],
    targetGroupArns: service.targetGroupArns,
    tags: service.tags,
    ...{ suspended: [], metrics: [], isLeaving: false },
  };
}
