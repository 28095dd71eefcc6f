import { beforeEach, describe, expect, test } from 'vitest';
import type { ControllerParts } from '../../src/scale/controller-parts.js';
import { type Report, tick } from '../../src/scale/tick.js';
import { type MemoryWorld, memoryController, memoryWorld } from '../helpers/scale/memory-controller.js';

const MINUTE = 60_000;

describe("the look after a scale-in knows all that roc has done as roc's own", () => {
  let world: MemoryWorld;
  beforeEach(() => {
    world = memoryWorld({ max: 8 });
    world.nodes.letsGoMs = 10 * MINUTE;
  });
  const look = (parts: ControllerParts, isFull = true): Promise<Report> =>
    tick(parts, { isFull, doubt: null });

  async function expectNobodyElse(parts: ControllerParts): Promise<void> {
    world.clock.advance(MINUTE);
    const { rails } = await look(parts);
    expect(rails).toContainEqual({ id: 'adopted', applied: false, why: "nobody else's change stands" });
  }

  test('where it undid one and raised at once', async () => {
    const parts = memoryController(world);
    expect(await look(parts)).toMatchObject({ did: 'going' });
    world.demand = 3600;
    expect(await look(parts)).toMatchObject({ did: 'set', current: 4, desired: 6 });
    expect(world.lease()).toMatchObject({ operation: null, state: { changes: { seen: 4, asked: 6 } } });
    await expectNobodyElse(parts);
  });

  test('where it raised first and the undo came later', async () => {
    const parts = memoryController(world);
    await look(parts);
    world.demand = 3600;
    world.nodes.error = new TypeError('nobody answers');
    expect(await look(parts)).toMatchObject({ did: 'set', current: 4, desired: 6, isBusy: true });
    world.nodes.error = null;
    expect(await look(parts, false)).toMatchObject({ did: 'undone' });
    await expectNobodyElse(parts);
  });

  test('and what it undid it asks for no more: who sets that number is somebody else', async () => {
    const parts = memoryController(world);
    await look(parts);
    world.fake.tags['roc:scale'] = 'off';
    expect(await look(parts, false)).toMatchObject({ did: 'undone' });
    world.fake.tags = {};
    world.fake.setDesired(3);
    world.clock.advance(MINUTE);
    const { rails } = await look(parts);
    const why = expect.stringMatching(/^somebody else set 3/);
    expect(rails).toContainEqual(expect.objectContaining({ id: 'adopted', why }));
  });

  test('where full looks went on to want two gone while the first one went', async () => {
    world.demand = 900;
    world.nodes.letsGoMs = 3 * MINUTE;
    const parts = memoryController(world, { policy: { bounds: { maxStepIn: 2 } } });
    for (let looks = 0; world.fake.desired > 3 && looks < 10; looks++) {
      await look(parts);
      world.clock.advance(MINUTE);
    }
    expect(world.fake.desired).toBe(3);
    await expectNobodyElse(parts);
  });
});
