/** The lock of a run, on both places it may be kept in. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Objects } from '../../src/backup/cloud.js';
import { bucketLock, fileLock, isLocked, type LockPlace, takeLock } from '../../src/backup/run/lock.js';
import { processPlace } from '../../src/kernel/process-place.js';
import { MINUTE } from '../../src/kernel/time.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const RUN = '20261122-001500-k3x9qz';

/** A bucket in memory that keeps conditions as S3 does. */
function memoryObjects(): Objects {
  const kept = new Map<string, { text: string; etag: string }>();
  let serial = 0;
  return {
    read: async (key) => kept.get(key) ?? null,
    async write(key, text, condition) {
      const there = kept.get(key);
      if (condition === 'absent' && there !== undefined) return null;
      if (typeof condition === 'object' && there?.etag !== condition.etag) return null;
      const etag = `"${++serial}"`;
      kept.set(key, { text, etag });
      return etag;
    },
    remove: async (key) => void kept.delete(key),
    list: async () => [...kept.keys()],
  };
}

let dir: string;
beforeEach(() => {
  dir = makeTempDir('lock');
});
afterEach(() => removeDir(dir));

describe.each([
  ['a file', () => fileLock(join(dir, 'runs', RUN, 'lock'))],
  ['an object', () => bucketLock(memoryObjects(), RUN)],
] as const)('a lock kept in %s', (_where, make) => {
  const clock = { time: 1_000_000 };
  const now = () => clock.time;
  const take = (place: LockPlace, nonce: string) => takeLock(place, RUN, now, nonce);

  it('has one holder, and tells who', async () => {
    const place = make();
    const lock = await take(place, 'a');
    expect(await isLocked(place, now())).toBe(true);
    await expect(take(place, 'b')).rejects.toMatchObject({
      code: 'ROC_CONFLICT',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await lock.release();
    expect(await isLocked(place, now())).toBe(false);
    await (await take(place, 'b')).release();
  });

  it('is not lost to the answer of its own write: a retry is refused because the first one was done', async () => {
    const place = make();
    const deaf: LockPlace = {
      ...place,
      write: async (text, former) => {
        await place.write(text, former);
        return place.write(text, former);
      },
    };
    const lock = await take(deaf, 'a');
    clock.time += MINUTE;
    await lock.renew();
    await lock.renew();
    await expect(take(place, 'b')).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
    await lock.release();
  });

  it('of many that reach for it at once, one gets it', async () => {
    const place = make();
    const got = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => take(place, `n${index}`)));
    expect(got.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('lapses when nobody renews it, and the former holder finds out', async () => {
    const place = make();
    const first = await take(place, 'a');
    clock.time += 4 * MINUTE;
    await first.renew();
    clock.time += 4 * MINUTE;
    await expect(take(place, 'b')).rejects.toThrow(/being driven/);
    clock.time += 2 * MINUTE;
    const second = await take(place, 'b');
    await expect(first.renew()).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
    await first.release();
    expect(await isLocked(place, now())).toBe(true);
    await second.renew();
  });

  it('of a process that is gone from this host holds nobody', async () => {
    const place = make();
    await place.write(
      JSON.stringify({ host: processPlace(), pid: 2 ** 22 + 1, nonce: 'x', renewedAt: now() }),
      null,
    );
    expect(await isLocked(place, now())).toBe(false);
    await take(place, 'b');
  });

  it('of a container beside this one is held, though its number is nobody here', async () => {
    const place = make();
    const host = `${hostname()} pid:[1]`;
    await place.write(JSON.stringify({ host, pid: 2 ** 22 + 1, nonce: 'x', renewedAt: now() }), null);
    await expect(take(place, 'b')).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
  });

  it('that holds nonsense holds nobody', async () => {
    const place = make();
    await place.write('half a li', null);
    await take(place, 'b');
    expect(await isLocked(place, now())).toBe(true);
  });
});
