/** Gives a stored package back: as plaintext for who pulls it, as ciphertext and a data key for a runner. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { corrupt } from '../../protocol/package/chunk-format.js';
import { openEncrypted } from '../../protocol/package/chunks.js';
import { packageContext } from '../../protocol/package/context.js';
import { type RandomAccess, readRange } from '../../protocol/package/source.js';
import type { PackageDeps, StoredPackage } from './store-package.js';

/** What the database knows of a stored package. */
export interface PackageRow extends Pick<StoredPackage, 'blobKey' | 'wrappedKey' | 'sha256'> {
  /** The tenant's id. */
  readonly tenant: string;
  readonly project: string;
  readonly robot: string;
  readonly version: string;
}

/**
 * The package as it was uploaded. A blob that is missing or cut short is refused here; one that is damaged makes
 * the stream fail before its end, so that a reader never takes a part for the whole.
 * @throws RocError ROC_BLOB_CORRUPT
 */
export async function openPackage(
  deps: PackageDeps,
  row: PackageRow,
): Promise<{ stream: Readable; size: number }> {
  const key = await unwrapPackageKey(deps, row);
  const blob = await deps.blobs.open(row.blobKey);
  try {
    const source = await openEncrypted(blob, key, packageContext(row));
    const stream = Readable.from(verified(source, row.sha256), { objectMode: false });
    // Not in the generator: one that was never begun would not close it.
    stream.once('close', () => void source.close());
    return { stream, size: source.size };
  } catch (error) {
    await blob.close();
    throw error;
  }
}

/** The bytes as they are stored; only a holder of the data key can read them. */
export async function openCiphertext(
  { blobs }: Pick<PackageDeps, 'blobs'>,
  { blobKey }: Pick<PackageRow, 'blobKey'>,
): Promise<{ stream: Readable; size: number }> {
  const size = await blobs.size(blobKey);
  if (size === null) throw corrupt('it is missing');
  return { stream: await blobs.get(blobKey), size };
}

/** The data key, to be wrapped at once for one runner and one job (key-wrap.ts). */
export function unwrapPackageKey({ kms }: Pick<PackageDeps, 'kms'>, row: PackageRow): Promise<Buffer> {
  return kms.unwrap(row.wrappedKey, { ...packageContext(row) });
}

async function* verified(source: RandomAccess, sha256: string): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash('sha256');
  for await (const piece of readRange(source, 0, source.size)) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') !== sha256) throw corrupt('it is not what was uploaded');
}
