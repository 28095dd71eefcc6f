import { beforeEach, describe, expect, test } from 'vitest';
import { RocError } from '../../src/kernel/errors.js';
import { type Applied, apply } from '../../src/scale/apply.js';
import type { ControllerParts } from '../../src/scale/controller-parts.js';
import { tick } from '../../src/scale/tick.js';
import {
  type MemoryControllerOptions,
  type MemoryWorld,
  memoryController,
  memoryWorld,
} from '../helpers/scale/memory-controller.js';
import { memoryFleet } from '../helpers/scale/memory-fleet.js';

const MINUTE = 60_000;
const TWO_AT_ONCE = { policy: { bounds: { maxStepIn: 2 } } };

let world: MemoryWorld;
let controller: AbortController;
let said: string[];
beforeEach(() => {
  world = memoryWorld();
  controller = new AbortController();
  said = [];
});

/** Applies with a yes; `happens` is called before each wait, with how often it waited before. */
function applied(
  parts: ControllerParts = memoryController(world),
  happens: (waits: number) => void = () => {},
): Promise<Applied> {
  let waits = 0;
  return apply(parts, {
    confirm: async () => {},
    signal: controller.signal,
    onProgress: (says) => void said.push(says),
    sleep: async (ms) => {
      happens(waits++);
      world.clock.advance(ms);
    },
  });
}

const two = (options: MemoryControllerOptions = {}) =>
  memoryController(world, { ...TWO_AT_ONCE, ...options });
const leaving = () => world.fake.instances.filter(({ lifecycle }) => lifecycle.startsWith('Terminating'));

/** Nothing of a scale-in is left: all that serve are in the balancer and take work. */
function expectWhole(desired: number): void {
  expect(world.fake.desired).toBe(desired);
  expect([...world.nodes.draining.keys()].filter((id) => !leaving().some((one) => one.id === id))).toEqual(
    [],
  );
  for (const targets of world.fake.targetGroups.values())
    for (const { id } of world.fake.inService())
      expect(targets.get(id)?.state).toMatch(/^(healthy|initial)$/);
  expect(world.lease()).toMatchObject({ holder: null, operation: null });
}

describe('a scale-in that is applied', () => {
  test('goes through while it is quiet', async () => {
    expect(await applied()).toMatchObject({ outcome: 'done', before: 4, after: 3, says: '4 to 3 instances' });
    expect(leaving()).toHaveLength(1);
    expectWhole(3);
  });

  test('is given up when demand comes back while the server drains', async () => {
    world.nodes.letsGoMs = 4 * MINUTE;
    const done = await applied(undefined, (waits) => {
      if (waits === 3) world.demand = 3600;
    });
    expect(done).toMatchObject({ outcome: 'undone', after: 4 });
    expect(done.says).toMatch(/stays: 6 instances are needed/);
    expectWhole(4);
    // At the next poll, not at the end of the drain.
    expect(said.length).toBeLessThan(20);
  });

  test('is given up when demand can no longer be told', async () => {
    world.nodes.letsGoMs = 4 * MINUTE;
    const parts = memoryController(world);
    let isDown = false;
    const contenders = () =>
      isDown ? Promise.reject(new TypeError('AWS is away')) : parts.fleet.contenders();
    const done = await applied({ ...parts, fleet: { ...parts.fleet, contenders } }, () => {
      isDown = true;
    });
    expect(done).toMatchObject({ outcome: 'undone', says: expect.stringContaining('is not known') });
    expectWhole(4);
  });

  test('is given up when the switch is set', async () => {
    world.nodes.letsGoMs = 4 * MINUTE;
    const done = await applied(undefined, (waits) => {
      if (waits === 2) world.fake.tags['roc:scale'] = 'off';
    });
    expect(done).toMatchObject({ outcome: 'undone', says: expect.stringContaining('roc:scale=off was set') });
    expectWhole(4);
  });
});

describe('a server that somebody has told to rest', () => {
  test('is not taken, and stays at rest where roc undoes its own scale-in', async () => {
    const [theirs] = world.fake.inService();
    await world.nodes.drain(`node-${theirs?.id}`);
    world.nodes.letsGoMs = 4 * MINUTE;
    const done = await applied(undefined, () => {
      expect(world.lease()?.operation?.instanceId).not.toBe(theirs?.id);
      world.demand = 3600;
    });
    expect(done).toMatchObject({ outcome: 'undone' });
    expect([...world.nodes.draining.keys()]).toEqual([theirs?.id]);
  });
});

describe('several instances that go, one after the other', () => {
  test('are one decision: its own first step is no reason to wait', async () => {
    world.demand = 900;
    const parts = two();
    // A look that remembers that there were four.
    await tick(parts, { isFull: true, doubt: 'the clock jumped' });
    expect(world.lease()?.state).toMatchObject({ changes: { seen: 4 } });
    expect(await applied(parts)).toMatchObject({ outcome: 'done', before: 4, after: 2 });
    expect(leaving()).toHaveLength(2);
    expectWhole(2);
  });

  test.each<[string, () => void, RegExp]>([
    ['demand comes back', () => void Object.assign(world, { demand: 2300 }), /4 instances are needed/],
    ['three are right now', () => void Object.assign(world, { demand: 1700 }), /3 instances are needed/],
    ['the switch is set', () => void Object.assign(world.fake.tags, { 'roc:scale': 'off' }), /=off was set/],
    ['somebody changes the group', () => world.fake.setDesired(5), /somebody set the desired capacity/],
    [
      'nobody can be asked',
      () => Object.assign(world.nodes, { error: new TypeError('nobody answers') }),
      /nobody answers/,
    ],
  ])('end with the first where %s between them', async (_, happens, says) => {
    world.demand = 900;
    const fleet = memoryFleet(world.fake);
    const terminate = async (id: string) => {
      const written = await fleet.terminate(id);
      happens();
      return written;
    };
    const done = await applied(two({ fleet: { ...fleet, terminate } }));
    expect(done).toMatchObject({ outcome: 'partly', before: 4, after: 3 });
    expect(done.says).toMatch(/^4 to 3 instances and not to 2: /);
    expect(done.says).toMatch(says);
    expect(leaving()).toHaveLength(1);
    expect(world.lease()).toMatchObject({ holder: null, operation: null });
  });

  test('end with the first where demand comes back while the second drains', async () => {
    world.demand = 900;
    const done = await applied(two(), () => {
      if (world.fake.desired > 3) return;
      world.nodes.letsGoMs = 4 * MINUTE;
      world.demand = 2300;
    });
    expect(done).toMatchObject({ outcome: 'partly', after: 3 });
    expect(done.says).toMatch(/not to 2: i-\S+ stays: 4 instances are needed/);
    expectWhole(3);
  });

  test("are known as roc's own doing at the next look", async () => {
    world.demand = 900;
    const parts = two();
    await applied(parts, () => {
      if (world.fake.desired > 3) return;
      world.nodes.letsGoMs = 4 * MINUTE;
      world.demand = 2300;
    });
    expect(world.fake.desired).toBe(3);
    await expectNobodyElse(parts);
  });

  test('are known so too to who comes after a crash in the second', async () => {
    world.demand = 900;
    const crash = applied(two(), () => {
      if (world.fake.desired === 3) throw new TypeError('died');
    });
    await expect(crash).rejects.toThrow('died');
    expect(world.lease()).toMatchObject({ operation: { before: 3, after: 2 } });
    world.demand = 2300;
    await expectNobodyElse(memoryController(world, { ...TWO_AT_ONCE, id: 'two' }));
    expect(world.lease()?.operation).toBeNull();
    expect(world.fake.desired).toBe(4);
  });

  test('are known so too where a watch takes the first of them', async () => {
    world.demand = 900;
    const parts = two();
    while (world.fake.desired > 3) {
      await tick(parts, { isFull: false, doubt: null });
      world.clock.advance(5000);
    }
    world.demand = 2300;
    await expectNobodyElse(parts);
  });

  test('are known so too where the second could not begin', async () => {
    world.demand = 900;
    const fleet = memoryFleet(world.fake);
    const terminate = async (id: string) => {
      world.nodes.error = new TypeError('nobody answers');
      return fleet.terminate(id);
    };
    const parts = two({ fleet: { ...fleet, terminate } });
    expect(await applied(parts)).toMatchObject({ outcome: 'partly', after: 3 });
    world.nodes.error = null;
    expect(world.lease()).toMatchObject({ state: { changes: { seen: 3, asked: 2 } } });
    world.demand = 2300;
    await expectNobodyElse(parts);
  });

  /** The next look raises to what demand asks for, not only to what the SLO cannot do without. */
  async function expectNobodyElse(parts: ControllerParts): Promise<void> {
    world.clock.advance(MINUTE);
    const report = await tick(parts, { isFull: true, doubt: null });
    expect(report.rails).toContainEqual({
      ...{ id: 'adopted', applied: false, why: "nobody else's change stands" },
    });
    expect(report.desired).toBe(4);
  }

  test('are undone as far as they are not done by an interrupt', async () => {
    world.demand = 900;
    const done = applied(two(), () => {
      if (world.fake.desired > 3) return;
      world.nodes.letsGoMs = 4 * MINUTE;
      controller.abort();
    });
    await expect(done).rejects.toMatchObject({
      code: 'ROC_INTERRUPTED',
      message: expect.stringContaining('4 to 3 instances were done before'),
    });
    expectWhole(3);
  });
});

describe('what fails while a server drains', () => {
  /** The lease's object fails while `isDown` says so. */
  function flaky(isDown: (call: 'read' | 'write') => boolean): ControllerParts {
    return memoryController(world, {
      object: (object) => ({
        read: () => (isDown('read') ? away() : object.read()),
        create: (content) => (isDown('write') ? away() : object.create(content)),
        replace: (content, version) => (isDown('write') ? away() : object.replace(content, version)),
      }),
    });
  }
  const away = () => Promise.reject(new RocError('ROC_UNAVAILABLE', 's3:GetObject: Service Unavailable'));

  beforeEach(() => {
    world.nodes.letsGoMs = 40_000;
  });

  test('a reading of the lease that fails twice is made again', async () => {
    let failures = 0;
    let waits = 0;
    const parts = flaky((call) => call === 'read' && waits === 2 && failures++ < 2);
    const done = await applied(parts, (count) => {
      waits = count;
    });
    expect(failures).toBeGreaterThanOrEqual(1);
    expect(said.join()).toMatch(/Service Unavailable \(ROC_UNAVAILABLE\); tried again/);
    expect(done).toMatchObject({ outcome: 'done', after: 3 });
    expectWhole(3);
  });

  test('demand that has come back is not forgotten where the undo cannot be written down at once', async () => {
    world.nodes.letsGoMs = 62_000;
    let failures = 0;
    const parts = flaky((call) => call === 'write' && world.demand > 1000 && failures++ < 1);
    const done = await applied(parts, (waits) => {
      if (waits === 8) world.demand = 3600;
    });
    expect(failures).toBeGreaterThan(0);
    expect(done).toMatchObject({ outcome: 'undone', says: expect.stringContaining('6 instances') });
    expectWhole(4);
  });

  test('where the lease can be written and not read, all is put back while it is ours', async () => {
    let isDown = false;
    const parts = flaky((call) => call === 'read' && isDown);
    const done = await applied(parts, () => {
      isDown = true;
    });
    expect(done).toMatchObject({
      outcome: 'undone',
      says: expect.stringContaining('a step could not be taken'),
    });
    isDown = false;
    expectWhole(4);
  });

  test('where the lease is away for good, it says what is half done, and the next one puts it back', async () => {
    let isDown = false;
    const began = world.clock.now();
    const done = applied(
      flaky(() => isDown),
      () => {
        isDown = true;
      },
    );
    await expect(done).rejects.toMatchObject({
      code: 'ROC_RESUMABLE',
      message: expect.stringMatching(
        /Unavailable.*the scale-in of i-\S+ is half done: its server may still be/,
      ),
      hint: expect.stringMatching(/next look.*roc nodes resume node-i-/),
    });
    // Nothing was done on a lease that might be another's already.
    expect(world.clock.now() - began).toBeLessThan(3 * MINUTE);
    expect(world.fake.desired).toBe(4);
    expect(world.nodes.draining.size).toBe(1);
    isDown = false;
    world.clock.advance(5 * MINUTE);
    world.demand = 3600;
    expect(await applied(memoryController(world, { id: 'two' }))).toMatchObject({ before: 4, after: 6 });
    expect(world.nodes.draining.size).toBe(0);
    expect(world.lease()).toMatchObject({ holder: null, operation: null });
  });

  test('a server that cannot be told to work again is told by the next one', async () => {
    const done = applied(undefined, (waits) => {
      if (waits < 2) return;
      world.nodes.error = new RocError('ROC_UNREACHABLE', 'nobody answers');
      controller.abort();
    });
    await expect(done).rejects.toMatchObject({ code: 'ROC_RESUMABLE' });
    expect(world.nodes.draining.size).toBe(1);
    expect(world.lease()).toMatchObject({ holder: null, operation: { step: 'undoing' } });
    world.nodes.error = null;
    const report = await tick(memoryController(world, { id: 'two' }), { isFull: false, doubt: null });
    expect(report).toMatchObject({ did: 'undone' });
    expectWholeButHeld();
  });

  function expectWholeButHeld(): void {
    expect(world.nodes.draining.size).toBe(0);
    expect(world.lease()?.operation).toBeNull();
  }

  test('a refusal is not asked again, but undone', async () => {
    const fleet = memoryFleet(world.fake);
    let asked = 0;
    const terminate = () => {
      asked++;
      return Promise.reject(new RocError('ROC_FORBIDDEN', 'TerminateInstance: no right'));
    };
    const done = await applied(memoryController(world, { fleet: { ...fleet, terminate } }));
    expect(done).toMatchObject({ outcome: 'undone', says: expect.stringContaining('no right') });
    expect(asked).toBe(1);
    expect(world.audit.at(-1)).toMatchObject({
      outcome: 'undone',
      requests: [
        { call: 'elasticloadbalancing:DeregisterTargets' },
        { call: 'elasticloadbalancing:RegisterTargets' },
      ],
    });
    expectWhole(4);
  });

  test('a lease that another has taken leaves all to it', async () => {
    const other = memoryController(world, { id: 'two' });
    const done = applied(undefined, (waits) => {
      if (waits === 2) world.clock.advance(10 * MINUTE);
      if (waits === 2) return void other.lease.refresh();
    });
    await expect(done).rejects.toMatchObject({
      code: 'ROC_STALE_LEASE',
      hint: expect.stringMatching(/It ends/),
    });
    expect(world.lease()).toMatchObject({ holder: 'two', operation: { step: 'draining' } });
  });
});
