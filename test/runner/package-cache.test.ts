import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Link } from '../../src/runner/link.js';
import { type JobOffer, openPackageCache } from '../../src/runner/package-cache.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('cache');
const signal = new AbortController().signal;

function offerOf(robot: string, sizeBytes = 1000): JobOffer {
  const named = { tenantId: 'T', project: 'p', robot, version: '1.0.0', digest: 'd', sha256: 's', sizeBytes };
  return { jobId: 'J', epoch: 1, package: { ...named, url: '/x' } } as unknown as JobOffer;
}

/** A link that serves this many bytes in pieces, and counts. */
function linkOf(bytes: number, fail = false) {
  const state = { downloads: 0 };
  const link = {
    async download(_: unknown, __: AbortSignal, consume: (body: AsyncIterable<Uint8Array>) => Promise<void>) {
      state.downloads += 1;
      async function* body() {
        for (let sent = 0; sent < bytes; sent += 100) yield Buffer.alloc(Math.min(100, bytes - sent), 1);
        if (fail) throw new TypeError('cut');
      }
      await consume(body());
    },
  } as unknown as Link;
  return { link, state };
}

describe('the package cache', () => {
  it('fetches once and serves from disk then', async () => {
    const dir = newDir();
    const { link, state } = linkOf(500);
    const cache = await openPackageCache(dir, 10_000, link);
    const [first, second] = [await cache.get(offerOf('a'), signal), await cache.get(offerOf('a'), signal)];
    expect([first.wasThere, second.wasThere, state.downloads]).toEqual([false, true, 1]);
    expect(first.path).toBe(second.path);
    await cache.drop(first);
    expect((await cache.get(offerOf('a'), signal)).wasThere).toBe(false);
  });

  it('takes nothing that anyone named into a path', async () => {
    const dir = newDir();
    const cache = await openPackageCache(dir, 10_000, linkOf(10).link);
    const { path } = await cache.get(offerOf('../../../etc/passwd'), signal);
    expect(path).toMatch(new RegExp(`^${dir}/[0-9a-f]{64}$`));
  });

  it('drops what was used longest ago once it is full, never what it has just fetched', async () => {
    const dir = newDir();
    const cache = await openPackageCache(dir, 1200, linkOf(500).link);
    const a = await cache.get(offerOf('a'), signal);
    const b = await cache.get(offerOf('b'), signal);
    utimesSync(a.path, 1, 1);
    utimesSync(b.path, 2, 2);
    await cache.get(offerOf('a'), signal);
    const c = await cache.get(offerOf('c'), signal);
    expect([a, b, c].map(({ path }) => existsSync(path))).toEqual([true, false, true]);
    const tiny = await openPackageCache(newDir(), 0, linkOf(500).link);
    expect(existsSync((await tiny.get(offerOf('a'), signal)).path)).toBe(true);
  });

  it('keeps no half of a download, and none that an agent before it left', async () => {
    const dir = newDir();
    writeFileSync(join(dir, 'x.part'), 'half');
    const cache = await openPackageCache(dir, 10_000, linkOf(500, true).link);
    expect(readdirSync(dir)).toEqual([]);
    await expect(cache.get(offerOf('a'), signal)).rejects.toThrow('cut');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is not filled by a server that sends more than the package is', async () => {
    const dir = newDir();
    const cache = await openPackageCache(dir, 10_000, linkOf(1_000_000).link);
    await expect(cache.get(offerOf('a', 1000), signal)).rejects.toMatchObject({ code: 'ROC_BLOB_CORRUPT' });
    expect(readdirSync(dir)).toEqual([]);
  });
});
