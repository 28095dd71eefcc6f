/** The checks of a bucket on buckets in memory: what is stale, what is left behind, and what is compared with itself. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkBucket } from '../../src/backup/bucket/checks.js';
import type { BucketManifest } from '../../src/backup/bucket/manifest.js';
import type { Bucket } from '../../src/backup/bucket/ports.js';
import { assetSchema, type S3Asset } from '../../src/backup/model.js';
import { bucketOf } from '../../src/backup/stored/bucket-of.js';
import { RocError } from '../../src/kernel/errors.js';
import { silentLog } from '../../src/kernel/log.js';
import { DAY, isoTime, MINUTE } from '../../src/kernel/time.js';

const NOW = Date.UTC(2026, 10, 22);
const KEYS = ['a', 'b', 'c'];

function asset(change: object = {}): S3Asset {
  return assetSchema.parse({
    ...{ id: 'robots', type: 's3', bucket: 'robots', rpo: '1d', testEvery: '30d' },
    ...{ retention: { min: '35d' }, checks: { restoreTo: 'scratch' } },
    ...change,
  }) as S3Asset;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function manifestOf(takenAt: number): BucketManifest {
  return {
    ...{ kind: 'roc-bucket-manifest', version: 1, id: 'manifest-1', asset: 'robots', bucket: 'robots' },
    ...{ prefix: '', takenAt: isoTime(takenAt) },
    objects: KEYS.map((key) => ({ key, versionId: null, size: 1, sha256: sha256(key) })),
  };
}

interface Faults {
  /** Instead of the copy, or after it had its effect. */
  copy?: (key: string) => Error | null | undefined;
  remove?: (key: string) => Error | null;
}

function bucket(name: string, objects: Map<string, string>, { copy, remove }: Faults = {}): Bucket {
  const raise = (error: Error | null | undefined) => {
    if (error) throw error;
  };
  return {
    name,
    settings: async () => ({
      ...{ isVersioned: true, lock: null, lifecycle: [], replicas: [], encryption: 'aws:kms' },
      isPublicBlocked: true,
    }),
    async *versions() {},
    storedSha256: async () => null,
    hash: async ({ key }) => {
      const text = objects.get(key);
      return text === undefined ? null : { sha256: sha256(text), size: text.length };
    },
    copyFrom: async (_source, version, key) => {
      objects.set(key, version.key);
      raise(copy?.(version.key));
      return { key, versionId: null };
    },
    remove: async ({ key }) => {
      raise(remove?.(key));
      objects.delete(key);
    },
    close() {},
  };
}

function check(options: { takenAt?: number; faults?: Faults; signal?: AbortSignal } = {}) {
  const scratch = new Map<string, string>();
  const leftovers: string[] = [];
  const checks = checkBucket({
    ...{ asset: asset(), replica: null, manifest: manifestOf(options.takenAt ?? NOW - DAY), leftovers },
    source: bucket('robots', new Map(KEYS.map((key) => [key, key]))),
    target: bucket('scratch', scratch, options.faults),
    ...{ run: 'run-1', seed: 'aa', now: () => NOW, signal: options.signal ?? new AbortController().signal },
    log: silentLog,
  });
  return { checks, leftovers, scratch };
}

const verdictsOf = async (checks: ReturnType<typeof check>['checks']) =>
  Object.fromEntries((await checks).map(({ id, verdict }) => [id, verdict]));

describe('the manifest of a bucket', () => {
  it.each([
    ['of yesterday', NOW - DAY, 'pass'],
    ['of a clock that is a little ahead', NOW + MINUTE, 'pass'],
    ['older than drills may be apart', NOW - 31 * DAY, 'inconclusive'],
    ['of next year', NOW + 365 * DAY, 'inconclusive'],
  ])('%s', async (_name, takenAt, verdict) => {
    expect((await verdictsOf(check({ takenAt }).checks))['manifest-fresh']).toBe(verdict);
  });
});

describe('copies of a sample', () => {
  const unreachable = new RocError('ROC_UNREACHABLE', 's3: no answer');

  it('are all removed where nothing fails', async () => {
    const { checks, leftovers, scratch } = check();
    expect((await verdictsOf(checks))['restore']).toBe('pass');
    expect([leftovers, [...scratch.keys()]]).toEqual([[], []]);
  });

  it('that may be there, and those that could not be removed, are named also where the check breaks off', async () => {
    const { checks, leftovers, scratch } = check({
      faults: {
        copy: (key) => (key === 'b' ? unreachable : null),
        remove: (key) => (key.endsWith('/0') ? unreachable : null),
      },
    });
    expect((await verdictsOf(checks))['restore']).toBe('inconclusive');
    expect(leftovers.sort()).toEqual([...scratch.keys()].map((key) => `s3://scratch/${key}`).sort());
    expect(leftovers).toHaveLength(2);
  });

  it('that AWS refused to make are not looked for', async () => {
    const refused = new RocError('ROC_FORBIDDEN', 's3:CopyObject: AWS refused it');
    const { checks, leftovers } = check({ faults: { copy: () => refused } });
    expect((await verdictsOf(checks))['restore']).toBe('inconclusive');
    expect(leftovers).toEqual([]);
  });

  it('under way when Ctrl-C comes are removed before it ends', async () => {
    const stop = new AbortController();
    const copy = () => {
      stop.abort();
      return null;
    };
    const { checks, scratch } = check({
      signal: stop.signal,
      faults: { copy },
    });
    await expect(checks).rejects.toThrow();
    expect([...scratch.keys()]).toEqual([]);
  });
});

describe('which bucket is meant', () => {
  const outputs = { robotsBucket: 'robots' };

  it("is the policy's, else the stack's", () => {
    expect(bucketOf({ outputs }, asset({ bucket: 'other' }))).toBe('other');
    expect(bucketOf({ outputs }, asset({ bucket: undefined }))).toBe('robots');
    expect(() => bucketOf({ outputs: null }, asset({ bucket: undefined }))).toThrow(/nothing says/);
  });

  it('is never its own replica, nor where its sample goes', () => {
    const replica = { bucket: 'robots', region: 'eu-west-1' };
    expect(() => bucketOf({ outputs }, asset({ bucket: undefined, replica }))).toThrow(
      /^replica.bucket of robots is robots, the bucket itself$/,
    );
    const checks = { restoreTo: 'robots' };
    expect(() => bucketOf({ outputs }, asset({ bucket: undefined, checks }))).toThrow(/checks.restoreTo/);
  });
});
