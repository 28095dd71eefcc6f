import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLease, type Lease, type LeaseObject } from '../../../src/scale/lease/lease.js';

const TTL = 180_000;

/** An object whose every call may be held up, and whose answers may be lost. */
function memoryObject(now: () => number, pause: (label: string) => Promise<void> = async () => {}) {
  let content: string | null = null;
  let version = 0;
  let modifiedAt = 0;
  const faults = { loseAnswers: 0, down: false };
  const seconds = (ms: number) => Math.floor(ms / 1000) * 1000;
  const put = async (next: string, fits: () => boolean) => {
    await pause('before a write');
    if (faults.down) throw new TypeError('S3 is away');
    const isFit = fits();
    if (isFit) {
      content = next;
      version++;
      modifiedAt = now();
    }
    const mine = `${version}`;
    await pause('after a write');
    if (isFit && faults.loseAnswers-- > 0) return null;
    return isFit ? { version: mine } : null;
  };
  const object: LeaseObject = {
    async read() {
      await pause('before a read');
      if (faults.down) throw new TypeError('S3 is away');
      const found = {
        content,
        version: content === null ? null : `${version}`,
        // S3 tells both in whole seconds.
        modifiedAt: content === null ? null : seconds(modifiedAt),
        serverNow: seconds(now()),
      };
      await pause('after a read');
      return found;
    },
    create: (next) => put(next, () => content === null),
    replace: (next, named) => put(next, () => named === `${version}`),
  };
  const set = (text: string) => {
    content = text;
    version++;
    modifiedAt = now();
  };
  return { object, faults, content: () => content, set };
}

function leaseOf(object: LeaseObject, id: string, now: () => number): Lease {
  return createLease({ object, id, ttlMs: TTL, now, elapsed: now });
}

describe('the lease', () => {
  test('is taken once, renewed by its holder, and awaited by the others', async () => {
    let now = 1_000_000;
    const { object } = memoryObject(() => now);
    const [one, two] = [leaseOf(object, 'one', () => now), leaseOf(object, 'two', () => now)];
    expect(await one.refresh()).toMatchObject({ role: 'holder', record: { fence: 1 } });
    expect(await two.refresh()).toMatchObject({ role: 'standby', holder: 'one' });
    now += TTL - 1000;
    expect(await one.refresh()).toMatchObject({ role: 'holder', record: { fence: 1 } });
    now += TTL - 1000;
    expect(await two.refresh()).toMatchObject({ role: 'standby' });
    now += 2000;
    expect(await two.refresh()).toMatchObject({ role: 'holder', record: { holder: 'two', fence: 2 } });
  });

  test('that was stolen stops its former holder from writing', async () => {
    let now = 1_000_000;
    const { object } = memoryObject(() => now);
    const [one, two] = [leaseOf(object, 'one', () => now), leaseOf(object, 'two', () => now)];
    await one.refresh();
    now += TTL + 2000;
    await two.refresh();
    expect(() => one.guard(1)).toThrow(expect.objectContaining({ code: 'ROC_STALE_LEASE' }));
    await expect(one.write({ restUntil: 7 })).rejects.toMatchObject({ code: 'ROC_STALE_LEASE' });
    expect(await one.refresh()).toMatchObject({ role: 'standby', holder: 'two', record: { restUntil: 0 } });
  });

  test('is a new version at each renewal, also where a version is a hash of the content', async () => {
    let now = 1_000_000;
    const memory = memoryObject(() => now);
    const hashOf = (text: string | null) => text && createHash('md5').update(text).digest('hex');
    const object: LeaseObject = {
      read: async () => ({ ...(await memory.object.read()), version: hashOf(memory.content()) }),
      create: async (text) => (await memory.object.create(text)) && { version: hashOf(text) ?? '' },
      async replace(text, version) {
        if (hashOf(memory.content()) !== version) return null;
        memory.set(text);
        return { version: hashOf(text) ?? '' };
      },
    };
    const one = leaseOf(object, 'one', () => now);
    await one.refresh();
    const { version } = await object.read();
    now += TTL - 1000;
    expect(await one.refresh()).toMatchObject({ role: 'holder', record: { fence: 1 } });
    expect(await object.replace('of a rival', version ?? '')).toBeNull();
    await one.release();
    expect(JSON.parse(memory.content() ?? '')).toMatchObject({ holder: null, turn: 3 });
  });

  test('that was given back is free at once, with all that stands in it', async () => {
    const now = () => 1_000_000;
    const { object } = memoryObject(now);
    const [one, two] = [leaseOf(object, 'one', now), leaseOf(object, 'two', now)];
    await one.refresh();
    await one.write({ state: { version: 1 }, restUntil: 9 });
    await one.release();
    expect(one.remaining()).toBe(0);
    expect(await two.refresh()).toMatchObject({
      role: 'holder',
      record: { fence: 2, state: { version: 1 }, restUntil: 9 },
    });
  });

  test('is kept where the answer to a write was lost and the words are ours', async () => {
    const now = () => 1_000_000;
    const { object, faults } = memoryObject(now);
    const one = leaseOf(object, 'one', now);
    await one.refresh();
    faults.loseAnswers = 1;
    expect(await one.write({ restUntil: 5 })).toMatchObject({ restUntil: 5 });
    expect(await one.refresh()).toMatchObject({ role: 'holder', record: { fence: 1 } });
  });

  test('runs out where S3 is away, and goes on when it is back', async () => {
    let now = 1_000_000;
    const { object, faults } = memoryObject(() => now);
    const one = leaseOf(object, 'one', () => now);
    await one.refresh();
    faults.down = true;
    now += TTL - 5000;
    await expect(one.refresh()).rejects.toThrow('S3 is away');
    expect(one.remaining()).toBe(5000);
    expect(() => one.guard(20_000)).toThrow(expect.objectContaining({ code: 'ROC_STALE_LEASE' }));
    faults.down = false;
    expect(await one.refresh()).toMatchObject({ role: 'holder', record: { fence: 1 } });
  });

  test.each([
    ['ahead', 32_000],
    ['behind', -32_000],
  ])('is given back by a clock that is far %s of the server', async (_, skew) => {
    const server = 1_000_000_000;
    let off = 0;
    const { object, content } = memoryObject(() => server);
    const one = leaseOf(object, 'one', () => server + off);
    await one.refresh();
    off = skew;
    expect(await one.refresh()).toMatchObject({
      role: 'observer',
      why: expect.stringContaining("off the server's"),
    });
    expect(JSON.parse(content() ?? '')).toMatchObject({ holder: null, fence: 1 });
  });

  test('counts the time of a machine that slept', async () => {
    let wall = 1_000_000;
    const { object } = memoryObject(() => wall);
    const one = createLease({ object, id: 'one', ttlMs: TTL, now: () => wall, elapsed: () => 0 });
    await one.refresh();
    wall += TTL + 1;
    expect(one.remaining()).toBeLessThan(0);
  });

  test.each(['', '{', '{"version":2}', '[]'])('that holds %j is touched by nobody', async (text) => {
    const now = () => 1_000_000;
    const { object, set, content } = memoryObject(now);
    set(text);
    const one = leaseOf(object, 'one', now);
    expect(await one.refresh()).toMatchObject({ role: 'observer' });
    expect(content()).toBe(text);
  });

  test('never has two holders, whatever waits for what, and its number only rises', async () => {
    const numRuns = process.env['ROC_TEST_SIZE'] === 'long' ? 5000 : 300;
    const step = fc.record({
      who: fc.integer({ min: 0, max: 2 }),
      what: fc.constantFrom('refresh', 'refresh', 'refresh', 'write', 'release', 'advance', 'advance'),
      ms: fc.integer({ min: 1000, max: 2 * TTL }),
    });
    const taken = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 25 }), async (scheduler, steps) => {
        let now = 1_000_000;
        const clock = () => now;
        const { object } = memoryObject(clock, (label) => scheduler.schedule(Promise.resolve(), label));
        const leases = ['one', 'two', 'three'].map((id) => leaseOf(object, id, clock));
        let highest = 0;
        const check = () => {
          expect(leases.filter((lease) => lease.remaining() > 0).length).toBeLessThanOrEqual(1);
        };
        const run = async (who: number, what: string, ms: number) => {
          const lease = leases[who];
          if (what === 'advance' || lease === undefined) {
            await scheduler.schedule(Promise.resolve(), 'time passes');
            now += ms;
          } else if (what === 'refresh') {
            const standing = await lease.refresh();
            if (standing.role === 'holder') {
              expect(standing.record.fence).toBeGreaterThanOrEqual(highest);
              highest = standing.record.fence;
              taken.add(highest);
            }
          } else if (what === 'write') await lease.write({ restUntil: now }).catch(() => {});
          else await lease.release();
          check();
        };
        // Each controller does one thing after another; between controllers everything mixes.
        const lanes = [0, 1, 2].map(async (lane) => {
          for (const { who, what, ms } of steps.filter((one) => one.who === lane)) await run(who, what, ms);
        });
        await scheduler.waitFor(Promise.all(lanes));
        check();
      }),
      { numRuns },
    );
    // The runs did change hands.
    expect(Math.max(...taken)).toBeGreaterThan(1);
  });
});
