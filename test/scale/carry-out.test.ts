import { beforeEach, describe, expect, test } from 'vitest';
import { type Applied, apply } from '../../src/scale/apply.js';
import type { ControllerParts } from '../../src/scale/controller-parts.js';
import { tick } from '../../src/scale/tick.js';
import { type MemoryWorld, memoryController, memoryWorld } from '../helpers/scale/memory-controller.js';
import { memoryFleet } from '../helpers/scale/memory-fleet.js';

const MINUTE = 60_000;

describe('a person who thinks before the yes', () => {
  let world: MemoryWorld;
  beforeEach(() => {
    world = memoryWorld();
  });
  const thoughtful = (parts: ControllerParts, confirm: () => Promise<void>): Promise<Applied> =>
    apply(parts, {
      ...{ confirm, signal: new AbortController().signal, onProgress: () => {} },
      sleep: async (ms) => world.clock.advance(ms),
    });
  const thinking = (ms: number, demand: number) => async () => {
    world.clock.advance(ms);
    world.demand = demand;
  };
  const service = () => memoryController(world, { fleet: { ...memoryFleet(world.fake), kind: 'service' } });

  test('for long has a cut decided anew before anything is touched', async () => {
    const done = await thoughtful(memoryController(world), thinking(10 * MINUTE, 3600));
    expect(done).toMatchObject({
      outcome: 'kept',
      after: 4,
      says: expect.stringMatching(/^6 instances are needed/),
    });
    expect(world.audit).toEqual([]);
    expect(world.fake.desired).toBe(4);
    expect(world.nodes.draining.size).toBe(0);
  });

  test('for long has that of a service decided anew, which nothing looks at after', async () => {
    const done = await thoughtful(service(), thinking(10 * MINUTE, 3600));
    expect(done).toMatchObject({ outcome: 'kept', after: 4 });
    expect(world.fake.desired).toBe(4);
  });

  test('for long has a raise decided anew: what is no longer needed is not bought', async () => {
    world.demand = 3600;
    const done = await thoughtful(memoryController(world), thinking(10 * MINUTE, 2300));
    expect(done).toMatchObject({
      outcome: 'kept',
      after: 4,
      says: expect.stringMatching(/^only \d instances are needed now/),
    });
    expect(world.fake.desired).toBe(4);
    expect(world.nodes.draining.size).toBe(0);
  });

  test.each([
    ['for long gets what is still right', 10 * MINUTE, 1000, 'done'],
    ['for a moment gets what was shown', 30_000, 3600, 'done'],
  ])('%s', async (_, ms, demand, outcome) => {
    expect(await thoughtful(service(), thinking(ms, demand))).toMatchObject({ outcome, after: 3 });
  });

  test('is told of a scale-in that another run began meanwhile, and the next apply ends that', async () => {
    world.nodes.letsGoMs = 4 * MINUTE;
    const meanwhile = async () => {
      world.clock.advance(4 * MINUTE);
      const other = memoryController(world, { id: 'two' });
      expect(await tick(other, { isFull: true, doubt: null })).toMatchObject({ did: 'going' });
      // It dies, and its lease runs out.
      world.clock.advance(4 * MINUTE);
    };
    await expect(thoughtful(memoryController(world), meanwhile)).rejects.toMatchObject({
      code: 'ROC_PRECONDITION_FAILED',
      message: expect.stringMatching(/another run began the scale-in of i-\S+ meanwhile/),
    });
    const [instanceId] = world.nodes.draining.keys();
    expect(world.lease()).toMatchObject({ holder: null, operation: { instanceId } });
    world.demand = 3600;
    await thoughtful(memoryController(world, { id: 'three' }), async () => {});
    expect(world.nodes.draining.size).toBe(0);
    expect(world.lease()).toMatchObject({ holder: null, operation: null });
  });
});
