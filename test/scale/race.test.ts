import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ControllerParts } from '../../src/scale/controller-parts.js';
import type { Fleet } from '../../src/scale/group/fleet.js';
import { WRITE_LIMIT } from '../../src/scale/lease/write-limit.js';
import { tick } from '../../src/scale/tick.js';
import {
  type MemoryWorld,
  memoryController,
  memoryWorld,
  type Pause,
} from '../helpers/scale/memory-controller.js';
import { memoryFleet } from '../helpers/scale/memory-fleet.js';

const MINUTE = 60_000;
const numRuns = process.env['ROC_TEST_SIZE'] === 'long' ? 1000 : 15;

/** Waits at any door; a write that waited for too long is given up, as the client's deadline does. */
function slowly(fleet: Fleet, pause: Pause, now: () => number): Fleet {
  const read =
    <A extends readonly unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      await pause();
      const result = await act(...args);
      await pause();
      return result;
    };
  const write =
    <A extends readonly unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      const begun = now();
      await pause();
      if (now() - begun >= WRITE_LIMIT) throw new TypeError('no answer in 20 s');
      const result = await act(...args);
      await pause();
      return result;
    };
  return {
    kind: fleet.kind,
    group: read(fleet.group),
    contenders: read(fleet.contenders),
    activities: read(fleet.activities),
    targets: read(fleet.targets),
    setDesired: write(fleet.setDesired),
    deregister: write(fleet.deregister),
    register: write(fleet.register),
    terminate: write(fleet.terminate),
  };
}

function controller(
  world: MemoryWorld,
  id: string,
  demand: number,
  pause: Pause = async () => {},
): ControllerParts {
  world.demand = demand;
  return memoryController(world, {
    ...{ id, pause },
    fleet: slowly(memoryFleet(world.fake), pause, world.clock.now),
  });
}

/** Rounds of looks by two controllers at once, with time passing wherever somebody waits. */
async function race(
  scheduler: fc.Scheduler,
  here: MemoryWorld,
  demand: number,
  jumps: readonly number[],
): Promise<void> {
  const pause = () => scheduler.schedule(Promise.resolve());
  const both = ['one', 'two'].map((id) => controller(here, id, demand, pause));
  const lanes = both.map(async (parts) => {
    for (let round = 0; round < 4; round++) {
      await tick(parts, { isFull: true, doubt: null });
      expectSafe(here);
    }
  });
  const time = (async () => {
    for (const ms of jumps) {
      await pause();
      here.clock.advance(ms);
      here.fake.settle();
    }
  })();
  await scheduler.waitFor(Promise.all([...lanes, time]));
}

function expectSafe({ fake }: MemoryWorld): void {
  expect(fake.desired).toBeGreaterThanOrEqual(fake.min);
  expect(fake.desired).toBeLessThanOrEqual(fake.max);
  for (const zone of fake.zones)
    expect(fake.inService().filter((one) => one.zone === zone).length).toBeGreaterThanOrEqual(1);
}

/** One controller alone, until nothing more happens. */
async function settleDown(here: MemoryWorld, demand: number): Promise<void> {
  const last = controller(here, 'last', demand);
  for (let look = 0; look < 80; look++) {
    await tick(last, { isFull: true, doubt: null });
    here.clock.advance(MINUTE);
    here.fake.settle();
  }
}

const jumps = fc.array(fc.constantFrom(1000, 5000, 10_000, 30_000, 100_000, 200_000), { maxLength: 20 });

describe('two controllers that look at once', () => {
  test('come to one number when demand is high', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), jumps, async (scheduler, ms) => {
        const here = memoryWorld();
        await race(scheduler, here, 3700, ms);
        expect([4, 6]).toContain(here.fake.desired);
        await settleDown(here, 3700);
        expect(here.fake.desired).toBe(6);
        expect(here.nodes.draining.size).toBe(0);
      }),
      { numRuns },
    );
  });

  test('take away one at a time when it is low, and leave nothing half done', async () => {
    const ended = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), jumps, async (scheduler, ms) => {
        const here = memoryWorld();
        await race(scheduler, here, 900, ms);
        const leaving = here.fake.instances.filter(({ lifecycle }) => lifecycle.startsWith('Terminating'));
        expect(leaving.length).toBeLessThanOrEqual(1);
        expect(here.fake.desired).toBeGreaterThanOrEqual(3);
        ended.add(here.fake.desired);
        await settleDown(here, 900);
        expect(here.fake.desired).toBe(2);
        const serving = here.fake.inService().map(({ id }) => id);
        expect(serving.filter((id) => here.nodes.draining.has(id))).toEqual([]);
        for (const targets of here.fake.targetGroups.values())
          expect(serving.map((id) => targets.get(id)?.state)).toEqual(['healthy', 'healthy']);
      }),
      { numRuns },
    );
    expect(ended.size).toBeGreaterThan(0);
  });
});
