import { beforeEach, describe, expect, test } from 'vitest';
import { RocError } from '../../../src/kernel/errors.js';
import type { ScaleIn } from '../../../src/scale/lease/record.js';
import { advance } from '../../../src/scale/scale-in/drain.js';
import type { DrainParts, Progress } from '../../../src/scale/scale-in/progress.js';
import { type TestClock, testClock } from '../../helpers/scale/clock.js';
import { API_TARGETS, type FakeFleet, fakeFleet } from '../../helpers/scale/fake-fleet.js';
import { type FakeNodes, fakeNodes } from '../../helpers/scale/fake-nodes.js';
import { memoryFleet } from '../../helpers/scale/memory-fleet.js';

const MINUTE = 60_000;
const RUNNERS = API_TARGETS.replace('roc-api', 'roc-runners');
const VICTIM = 'i-00000000000000001';

interface Setting {
  readonly clock: TestClock;
  readonly fake: FakeFleet;
  readonly nodes: FakeNodes;
  /** What the lease holds. */
  saved: ScaleIn;
  readonly parts: DrainParts;
}

function setting(): Setting {
  const clock = testClock();
  const fake = fakeFleet({ now: clock.now, desired: 4, targetGroups: [API_TARGETS, RUNNERS] });
  const nodes = fakeNodes(fake);
  const here: Setting = {
    ...{ clock, fake, nodes },
    saved: {
      ...{ group: fake.name, instanceId: VICTIM, zone: 'eu-west-1a', restsServer: true, beats: null },
      ...{ targetGroupArns: [API_TARGETS, RUNNERS], before: 4, after: 3, step: 'draining', why: null },
      ...{ startedAt: clock.now(), deadline: clock.now() + 5 * MINUTE, reasons: ['quiet'], requests: [] },
      ...{ inputsHash: '', policyHash: '' },
    },
    parts: {
      fleet: memoryFleet(fake),
      nodes,
      now: clock.now,
      guard: () => {},
      write: async (operation) => {
        here.saved = operation;
      },
    },
  };
  return here;
}

/** Looks every ten seconds until it is over, as a controller does. */
async function untilOver(here: Setting, parts: DrainParts = here.parts): Promise<Progress> {
  for (let look = 0; look < 200; look++) {
    const progress = await advance(parts, here.saved);
    if (progress.state !== 'going') return progress;
    here.clock.advance(10_000);
  }
  throw new TypeError('it never ended');
}

const states = (fake: FakeFleet) =>
  [...fake.targetGroups.values()].map((targets) => targets.get(VICTIM)?.state ?? 'absent');
const victimOf = (fake: FakeFleet) => fake.instances.find(({ id }) => id === VICTIM)?.lifecycle ?? 'gone';

/** As if nothing had ever begun. */
function expectUntouched({ fake, nodes }: Setting, desired = 4): void {
  expect(fake.desired).toBe(desired);
  expect(victimOf(fake)).toBe('InService');
  expect(states(fake).every((state) => state === 'healthy' || state === 'initial')).toBe(true);
  expect(nodes.draining.size).toBe(0);
}

describe('taking an instance out', () => {
  let here: Setting;
  beforeEach(() => {
    here = setting();
  });

  test('rests its server, takes it from its target groups, ends it, and lowers the group by one', async () => {
    const first = await advance(here.parts, here.saved);
    expect(first).toMatchObject({ state: 'going', says: `${VICTIM} was told to rest` });
    expect(states(here.fake)).toEqual(['healthy', 'healthy']);
    const progress = await untilOver(here);
    expect(progress.state).toBe('done');
    expect(here.fake.desired).toBe(3);
    expect(victimOf(here.fake)).toBe('Terminating:Wait');
    expect(progress.operation.requests.map(({ call }) => call)).toEqual([
      'elasticloadbalancing:DeregisterTargets',
      'elasticloadbalancing:DeregisterTargets',
      'autoscaling:TerminateInstanceInAutoScalingGroup',
    ]);
    here.clock.advance(10 * MINUTE);
    here.fake.settle();
    expect(here.fake.instances).toHaveLength(3);
  });

  test('waits for what it holds, and never ends it while it holds something', async () => {
    here.nodes.letsGoMs = 4 * MINUTE;
    for (let look = 0; look < 20; look++) {
      await advance(here.parts, here.saved);
      here.clock.advance(10_000);
    }
    expect(here.fake.desired).toBe(4);
    expect(states(here.fake)).toEqual(['healthy', 'healthy']);
    expect((await untilOver(here)).state).toBe('done');
  });

  test('believes no count that was made before the server knew that it rests', async () => {
    here.nodes.letsGoMs = 0;
    await advance(here.parts, here.saved);
    const again = await advance(here.parts, here.saved);
    expect(again).toMatchObject({ state: 'going' });
    here.clock.advance(5000);
    expect(await advance(here.parts, here.saved)).toMatchObject({ state: 'going' });
    here.clock.advance(5000);
    expect(await advance(here.parts, here.saved)).toMatchObject({ state: 'done' });
  });

  test('is undone when it does not come to rest in time', async () => {
    here.nodes.letsGoMs = 60 * MINUTE;
    const progress = await untilOver(here);
    expect(progress).toMatchObject({
      state: 'undone',
      says: expect.stringContaining('did not come to rest in time'),
    });
    expectUntouched(here);
  });

  test('is undone when it is switched off meanwhile', async () => {
    await advance(here.parts, here.saved);
    here.fake.tags['roc:scale'] = 'off';
    expect(await untilOver(here)).toMatchObject({ state: 'undone', says: expect.stringContaining('=off') });
    expectUntouched(here);
  });

  test('is undone when demand rises, also after it was taken from the balancer', async () => {
    const slow = { ...here.parts.fleet, terminate: () => Promise.reject(new TypeError('AWS is slow')) };
    const parts = { ...here.parts, fleet: slow };
    await expect(untilOver(here, parts)).rejects.toThrow('AWS is slow');
    expect(states(here.fake)).toEqual(['draining', 'draining']);
    const progress = await advance({ ...parts, stop: '5 instances are needed' }, here.saved);
    expect(progress).toMatchObject({ state: 'undone', says: `${VICTIM} stays: 5 instances are needed` });
    expectUntouched(here);
  });

  test.each([
    ['somebody sets the desired capacity', ({ fake }: Setting) => fake.setDesired(5), 5],
    [
      'somebody protects it',
      ({ fake }: Setting) => {
        for (const one of fake.instances) one.isProtected = one.id === VICTIM;
      },
      4,
    ],
    ['somebody resumes its server', ({ nodes }: Setting) => void nodes.draining.clear(), 4],
    ['the minimum is raised', ({ fake }: Setting) => void Object.assign(fake, { min: 4 }), 4],
    [
      'others fall ill',
      ({ fake }: Setting) => {
        const other = [...(fake.targetGroups.get(RUNNERS) ?? [])].find(([id]) => id !== VICTIM);
        if (other) Object.assign(other[1], { state: 'unhealthy' });
      },
      4,
    ],
  ])('is undone when %s', async (_, happens, desired) => {
    await advance(here.parts, here.saved);
    happens(here);
    expect(await untilOver(here)).toMatchObject({ state: 'undone' });
    expectUntouched(here, desired);
  });

  test('is undone when the server takes work after it was taken from the balancer', async () => {
    const { deregister } = here.parts.fleet;
    const parts = {
      ...here.parts,
      fleet: {
        ...here.parts.fleet,
        deregister: async (arn: string, id: string) => {
          here.nodes.letsGoMs = 60 * MINUTE;
          return deregister(arn, id);
        },
      },
    };
    expect(await untilOver(here, parts)).toMatchObject({
      state: 'undone',
      says: expect.stringContaining('has taken work again'),
    });
    expectUntouched(here);
  });

  test('ends without a word more where the instance leaves by itself', async () => {
    await advance(here.parts, here.saved);
    here.fake.terminate(VICTIM, false);
    expect(await untilOver(here)).toMatchObject({ state: 'left' });
    expect(here.fake.desired).toBe(4);
    expect(here.fake.instances.filter(({ lifecycle }) => lifecycle === 'Pending')).toHaveLength(1);
  });

  test('waits where nothing is heard of the server, and is undone in the end', async () => {
    const list = async () =>
      (await here.nodes.list()).map((node) =>
        node.instanceId === VICTIM ? { ...node, state: 'gone' as const } : node,
      );
    const parts = { ...here.parts, nodes: { ...here.nodes, list } };
    expect(await advance(parts, here.saved)).toMatchObject({ state: 'going' });
    expect(await untilOver(here, parts)).toMatchObject({ state: 'undone' });
    expectUntouched(here);
  });

  test.each([
    ['rests', (_: Setting) => {}],
    [
      'is out of the balancer',
      async ({ parts, saved }: Setting) => {
        for (const arn of saved.targetGroupArns) await parts.fleet.deregister(arn, VICTIM);
      },
    ],
  ])('gives its server back to work where somebody puts it into standby while it %s', async (_, happens) => {
    await advance(here.parts, here.saved);
    await happens(here);
    const victim = here.fake.instances.find(({ id }) => id === VICTIM);
    Object.assign(victim ?? {}, { lifecycle: 'Standby' });
    here.fake.setDesired(3);
    expect(await untilOver(here)).toMatchObject({
      state: 'left',
      says: `${VICTIM} is no longer in service: somebody made it Standby`,
    });
    expect(here.nodes.draining.size).toBe(0);
    expect(here.fake.desired).toBe(3);
  });

  test('is tried again until its server in standby could be told', async () => {
    await advance(here.parts, here.saved);
    Object.assign(here.fake.instances.find(({ id }) => id === VICTIM) ?? {}, { lifecycle: 'Standby' });
    here.fake.setDesired(3);
    here.nodes.error = new TypeError('nobody answers');
    await expect(advance(here.parts, here.saved)).rejects.toThrow('nobody answers');
    expect(here.saved.step).toBe('undoing');
    here.nodes.error = null;
    // It may have come back meanwhile: all of it is put right then.
    Object.assign(here.fake.instances.find(({ id }) => id === VICTIM) ?? {}, { lifecycle: 'InService' });
    here.fake.setDesired(4);
    expect(await untilOver(here)).toMatchObject({ state: 'undone' });
    expectUntouched(here);
  });

  test('tells a server that is silent at the undo to take work when it is heard of', async () => {
    await advance(here.parts, here.saved);
    here.nodes.silent.add(VICTIM);
    const progress = await advance({ ...here.parts, stop: '5 instances are needed' }, here.saved);
    expect(progress).toMatchObject({
      state: 'undone',
      says: expect.stringContaining('its server is silent'),
    });
    here.nodes.silent.clear();
    expectUntouched(here);
  });

  test('a server that the installation has forgotten holds no undo up', async () => {
    await advance(here.parts, here.saved);
    const resume = () => Promise.reject(new RocError('ROC_NOT_FOUND', 'no such node'));
    const parts = { ...here.parts, nodes: { ...here.nodes, resume }, stop: 'demand rose' };
    expect(await advance(parts, here.saved)).toMatchObject({ state: 'undone' });
  });

  test('changes nothing once the lease is lost', async () => {
    await advance(here.parts, here.saved);
    const guard = () => {
      throw new RocError('ROC_STALE_LEASE', 'lost');
    };
    await expect(untilOver(here, { ...here.parts, guard })).rejects.toMatchObject({
      code: 'ROC_STALE_LEASE',
    });
    expect(here.fake.desired).toBe(4);
    expect(states(here.fake)).toEqual(['healthy', 'healthy']);
  });
});

describe('a controller that dies while it takes an instance out', () => {
  /** Every call to the outside, in order; the one numbered `at` is the last before the end. */
  function dying(here: Setting, at: number, isAfter: boolean): DrainParts {
    let count = 0;
    const mortal =
      <A extends readonly unknown[], R>(act: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        const isLast = ++count === at;
        if (isLast && !isAfter) throw new TypeError('died');
        const result = await act(...args);
        if (isLast) throw new TypeError('died');
        return result;
      };
    const { fleet, nodes, write } = here.parts;
    return {
      ...here.parts,
      write: mortal(write),
      nodes: { list: mortal(nodes.list), drain: mortal(nodes.drain), resume: mortal(nodes.resume) },
      fleet: {
        group: mortal(fleet.group),
        targets: mortal(fleet.targets),
        deregister: mortal(fleet.deregister),
        register: mortal(fleet.register),
        terminate: mortal(fleet.terminate),
      },
    };
  }

  async function livesUntil(parts: DrainParts, here: Setting): Promise<boolean> {
    try {
      await untilOver(here, parts);
      return true;
    } catch (error) {
      expect((error as Error).message).toBe('died');
      return false;
    }
  }

  for (const isAfter of [false, true]) {
    test(`${isAfter ? 'after' : 'before'} any of its calls: the next one ends it or undoes it`, async () => {
      const ends = new Set<string>();
      for (let at = 1; ; at++) {
        const here = setting();
        if (await livesUntil(dying(here, at, isAfter), here)) {
          expect(at).toBeGreaterThan(15);
          break;
        }
        here.clock.advance(3 * MINUTE);
        const progress = await untilOver(here);
        ends.add(progress.state);
        if (progress.state === 'done') {
          expect(here.fake.desired, `call ${at}`).toBe(3);
          expect(victimOf(here.fake), `call ${at}`).not.toBe('InService');
        } else expectUntouched(here);
      }
      expect(ends).toContain('done');
    });

    test(`${isAfter ? 'after' : 'before'} any of its calls, and then it is to be undone`, async () => {
      for (let at = 1; ; at++) {
        const here = setting();
        if (await livesUntil(dying(here, at, isAfter), here)) break;
        // The second one dies as well, wherever it stands; the third has its way.
        await livesUntil({ ...dying(here, 3, isAfter), stop: 'demand rose' }, here);
        const progress = await untilOver(here, { ...here.parts, stop: 'demand rose' });
        if (progress.state === 'undone') expectUntouched(here);
        else expect(here.fake.desired, `call ${at}: ${progress.state}`).toBe(3);
      }
    });
  }
});
