/** The manifest of a bucket: every present version with its size and the hash of its bytes. */
import { z } from 'zod';
import { type Clock, isoTime } from '../../kernel/time.js';
import { inParallel } from '../mysql/sessions.js';
import type { Bucket } from './ports.js';

export const bucketManifestSchema = z.strictObject({
  kind: z.literal('roc-bucket-manifest'),
  version: z.literal(1),
  id: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
  asset: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  takenAt: z.iso.datetime(),
  objects: z.array(
    z.strictObject({
      key: z.string().min(1),
      versionId: z.string().nullable(),
      size: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

export type BucketManifest = z.output<typeof bucketManifestSchema>;

const AT_ONCE = 8;

export async function takeBucketManifest(
  bucket: Bucket,
  what: { readonly id: string; readonly asset: string; readonly prefix: string; readonly now: Clock },
): Promise<BucketManifest> {
  const takenAt = isoTime(Math.round(what.now()));
  const objects: BucketManifest['objects'] = [];
  const hashed = inParallel(present(bucket, what.prefix), AT_ONCE, async (version) => {
    const sha256 = (await bucket.storedSha256(version)) ?? (await bucket.hash(version))?.sha256 ?? null;
    return { key: version.key, versionId: version.versionId, size: version.size, sha256 };
  });
  // One that is deleted for good while this goes on was not there.
  for await (const { sha256, ...object } of hashed) if (sha256 !== null) objects.push({ ...object, sha256 });
  return {
    kind: 'roc-bucket-manifest',
    version: 1,
    id: what.id,
    asset: what.asset,
    bucket: bucket.name,
    prefix: what.prefix,
    takenAt,
    objects,
  };
}

async function* present(bucket: Bucket, prefix: string) {
  for await (const version of bucket.versions(prefix)) if (version.isLatest) yield version;
}
