import { generateKeyPairSync } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RocError } from '../../src/kernel/errors.js';
import { wrapKeyFor } from '../../src/protocol/package/key-wrap.js';
import type { Identity } from '../../src/runner/identity.js';
import type { Link } from '../../src/runner/link.js';
import type { JobOffer, PackageCache } from '../../src/runner/package-cache.js';
import { unpackRobot } from '../../src/runner/robot-package.js';
import { fakePackage } from '../helpers/fake-packages.js';
import { fakeTiming } from '../helpers/fake-timing.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('robot-package');
const DIRECT = 'https://bucket/signed';
const AWAY = new RocError('ROC_UNREACHABLE', 'the package store answered 403');

/** An offer, and a cache that cannot fetch it so many times. */
async function setUp(failures: number, error: RocError = AWAY) {
  const { dataKey, ciphertext, entrypoint, ...named } = await fakePackage({ files: { 'main.js': '1' } });
  const box = generateKeyPairSync('x25519');
  const binding = { runnerId: 'r', jobId: 'j', epoch: 1, digest: named.digest };
  const boxKey = String(box.publicKey.export({ format: 'jwk' }).x);
  const offer = {
    ...{ jobId: 'j', epoch: 1, entrypoint },
    package: { ...named, url: DIRECT, signature: null },
  } as unknown as JobOffer;
  const dir = newDir();
  const ways: string[] = [];
  const cache: PackageCache = {
    get: async (asked) => {
      ways.push(asked.package.url === DIRECT ? 'direct' : 'server');
      if (ways.length <= failures) throw error;
      const path = join(dir, 'ciphertext');
      writeFileSync(path, ciphertext);
      return { path, wasThere: false };
    },
    drop: async () => {},
  };
  const sign = generateKeyPairSync('ed25519').privateKey;
  const keys = { box: box.privateKey, sign };
  const identity = { runnerId: 'r', audience: 'urn:roc:x:token', keys } as Identity;
  const link = {
    serverNow: Date.now,
    call: async () => ({ wrappedKey: wrapKeyFor(boxKey, dataKey, binding) }),
  } as unknown as Link;
  const timing = fakeTiming();
  const stop = new AbortController();
  const told: unknown[] = [];
  const target = join(dir, 'package');
  const work = unpackRobot(offer, target, {
    ...{ identity, link },
    ...{ cache, timing, os: 'linux', signal: stop.signal, publisherKeys: [] },
    onWaiting: (why) => told.push(why),
  });
  work.catch(() => {});
  return { work, ways, timing, stop, told, target };
}

describe('a package that does not come', () => {
  it('is waited for, by both ways in turn, and said once', async () => {
    const { work, ways, timing, told, target } = await setUp(200);
    while (ways.length <= 200) await timing.advance(10_000);
    await work;
    expect(existsSync(join(target, 'main.js'))).toBe(true);
    expect(ways.slice(0, 6)).toEqual(['direct', 'direct', 'server', 'direct', 'server', 'direct']);
    expect(told).toEqual([AWAY]);
    expect(Math.max(...timing.slept)).toBe(10_000);
  });

  it('is waited for no longer once the job is stopped', async () => {
    const { work, timing, stop } = await setUp(Number.POSITIVE_INFINITY);
    await timing.advance(60_000);
    stop.abort();
    await expect(work).rejects.toBe(AWAY);
  });

  it('is not waited for where the server says that it is damaged', async () => {
    const damaged = new RocError('ROC_BLOB_CORRUPT', 'gone', { details: { status: 500 } });
    const { work, ways } = await setUp(1, damaged);
    await expect(work).rejects.toBe(damaged);
    expect(ways).toHaveLength(1);
  });
});
