/** The fake group as a fleet without a wire between: for tests of many thousand runs. */
import { RocError } from '../../../src/kernel/errors.js';
import type { Contenders, Group } from '../../../src/scale/group/facts.js';
import type { Fleet } from '../../../src/scale/group/fleet.js';
import { AwsFault } from '../aws-model/fake-aws.js';
import type { FakeFleet } from './fake-fleet.js';

export function memoryFleet(fake: FakeFleet, contenders: Partial<Contenders> = {}): Fleet {
  const change = (call: string, act: () => void) => async () => {
    try {
      fake.settle();
      act();
      return { call, requestId: `request-${call}` };
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      throw new RocError('ROC_INVALID_INPUT', `${call}: ${error.message}`, { cause: error });
    }
  };
  const targets = (arn: string) => fake.targetGroups.get(arn) ?? new Map<string, never>();
  return {
    kind: 'group',
    group: async () => {
      fake.settle();
      return groupOf(fake);
    },
    contenders: async () => ({ policies: [], scheduled: [], rollout: null, ...contenders }),
    activities: async () => [],
    targets: async (arn) => new Map([...targets(arn)].map(([id, { state }]) => [id, state])),
    setDesired: (desired) => change('autoscaling:SetDesiredCapacity', () => fake.setDesired(desired))(),
    terminate: (id) =>
      change('autoscaling:TerminateInstanceInAutoScalingGroup', () => fake.terminate(id, true))(),
    deregister: (arn, id) =>
      change('elasticloadbalancing:DeregisterTargets', () => {
        const target = targets(arn).get(id);
        if (target !== undefined && target.state !== 'draining')
          Object.assign(target, { state: 'draining', until: fake.now() + fake.drainMs });
      })(),
    register: (arn, id) =>
      change('elasticloadbalancing:RegisterTargets', () => {
        fake.targetGroups.get(arn)?.set(id, { state: 'initial', until: fake.now() + 20_000 });
      })(),
  };
}

function groupOf(fake: FakeFleet): Group {
  return {
    ...{ name: fake.name, min: fake.min, max: fake.max, desired: fake.desired, zones: fake.zones },
    instances: fake.instances.map((one) => ({ ...one, type: 't3.small' })),
    targetGroupArns: [...fake.targetGroups.keys()],
    ...{ tags: fake.tags, suspended: fake.suspended, warmupSeconds: fake.warmup, metrics: fake.metrics },
    isLeaving: false,
  };
}
