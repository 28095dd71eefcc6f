import { beforeEach, describe, expect, test } from 'vitest';
import type { ControllerParts } from '../../src/scale/controller-parts.js';
import type { Report } from '../../src/scale/tick.js';
import { type WatchEvent, watch } from '../../src/scale/watch.js';
import { type MemoryWorld, memoryController, memoryWorld } from '../helpers/scale/memory-controller.js';

const COST = { usd: 0, metricsPerRead: 0, how: '' };

describe('a watch that ends while an instance comes to rest', () => {
  let world: MemoryWorld;
  beforeEach(() => {
    world = memoryWorld();
    world.nodes.letsGoMs = 600_000;
  });

  /** Looks `looks` times, lets `happens` happen, and is ended. */
  async function watched(parts: ControllerParts, looks: number, happens: () => void): Promise<WatchEvent[]> {
    const events: WatchEvent[] = [];
    const controller = new AbortController();
    await watch(parts, {
      ...{ cost: COST, signal: controller.signal, random: () => 0.5, elapsed: world.clock.now },
      onEvent: (event) => void events.push(event),
      sleep: async (ms) => {
        world.clock.advance(ms);
        if (events.filter(({ event }) => event === 'tick').length < looks) return;
        happens();
        controller.abort();
      },
    });
    return events;
  }
  const lastSaid = (events: readonly WatchEvent[]) => (events.at(-1) as { says: string }).says;

  test('puts it back and frees the lease', async () => {
    const events = await watched(memoryController(world), 2, () => {});
    expect(events.some((event) => (event as Report).did === 'going')).toBe(true);
    expect(lastSaid(events)).toBe('ended; the lease is free');
    expect(world.nodes.draining.size).toBe(0);
    expect(world.lease()).toMatchObject({ holder: null, operation: null });
  });

  test('says what stays half done where its server cannot be told, and the next one finishes that', async () => {
    const events = await watched(memoryController(world), 2, () => {
      world.nodes.error = new TypeError('nobody answers');
    });
    expect(lastSaid(events)).toMatch(
      /nobody answers; the scale-in of i-\S+ is half done: its server may still be at rest.*next controller, and the lease is free/,
    );
    expect(world.lease()).toMatchObject({ holder: null, operation: { step: 'undoing' } });
    expect(world.nodes.draining.size).toBe(1);
    world.nodes.error = null;
    const next = await watched(memoryController(world, { id: 'two' }), 1, () => {});
    expect(next[1]).toMatchObject({ did: 'undone' });
    expect(world.nodes.draining.size).toBe(0);
    expect(world.lease()?.operation).toBeNull();
  });

  test('says so too where the lease itself cannot be read in the end', async () => {
    const parts = memoryController(world);
    let isDown = false;
    const lease = {
      ...parts.lease,
      refresh: () => (isDown ? Promise.reject(new TypeError('S3 is away')) : parts.lease.refresh()),
      release: () => (isDown ? Promise.reject(new TypeError('S3 is away')) : parts.lease.release()),
    };
    const events = await watched({ ...parts, lease }, 2, () => {
      isDown = true;
    });
    expect(lastSaid(events)).toMatch(/S3 is away; what had begun is for the next controller.*runs out/);
  });
});
