/** Encrypted packages kept on this host: useless without a key, which comes anew with every job. */
import { createHash, randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { RocError } from '../kernel/errors.js';
import type { ReplyOf } from '../protocol/contracts.js';
import type { Link } from './link.js';

export type JobOffer = ReplyOf<'runner.poll'>['jobs'][number];

export interface CachedPackage {
  readonly path: string;
  /** False where it was fetched just now. */
  readonly wasThere: boolean;
}

export interface PackageCache {
  /** The ciphertext of an offered package, fetched where it is not at hand. */
  get(offer: JobOffer, signal: AbortSignal): Promise<CachedPackage>;
  /** Forgets one that turned out to be damaged. */
  drop(cached: CachedPackage): Promise<void>;
}

const PARTIAL = '.part';
/** The smallest chunk of the format and what each adds, so that no answer fills the disk. */
const MIN_CHUNK = 4096;
const CHUNK_EXTRA = 16;
const HEADER = 12;

/** A cache in `dir` that drops what was used longest ago once it holds more than `maxBytes`. */
export async function openPackageCache(dir: string, maxBytes: number, link: Link): Promise<PackageCache> {
  for (const name of await readdir(dir))
    if (name.endsWith(PARTIAL)) await rm(join(dir, name), { force: true });
  return {
    async get(offer, signal) {
      const path = join(dir, cacheKey(offer));
      if (await touch(path)) return { path, wasThere: true };
      const partial = `${path}.${randomUUID()}${PARTIAL}`;
      try {
        const source = { jobId: offer.jobId, epoch: offer.epoch, url: offer.package.url };
        const limit = mostCiphertextBytes(offer.package.sizeBytes);
        await link.download(source, signal, (body) => writeBody(partial, body, limit));
        await rename(partial, path);
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
      await trim(dir, maxBytes, path);
      return { path, wasThere: false };
    },
    drop: ({ path }) => rm(path, { force: true }),
  };
}

// A hash of all that names the bytes: nothing that a person called a robot gets into a path.
function cacheKey({ package: named }: JobOffer): string {
  const { tenantId, project, robot, version, digest, sha256 } = named;
  return createHash('sha256')
    .update(JSON.stringify([tenantId, project, robot, version, digest, sha256]))
    .digest('hex');
}

async function touch(path: string): Promise<boolean> {
  const now = new Date();
  return utimes(path, now, now).then(
    () => true,
    () => false,
  );
}

async function writeBody(path: string, body: AsyncIterable<Uint8Array>, limit: number): Promise<void> {
  const handle = await open(path, 'wx', 0o600).catch(diskProblem);
  try {
    let bytes = 0;
    for await (const piece of body) {
      bytes += piece.length;
      if (bytes > limit)
        throw new RocError('ROC_BLOB_CORRUPT', 'the package is longer than the server said', {
          hint: 'Publish the robot again under a new version.',
        });
      await handle.writeFile(piece).catch(diskProblem);
    }
  } finally {
    await handle.close();
  }
}

function diskProblem(cause: unknown): never {
  throw new RocError('ROC_DATA_DIR_UNUSABLE', 'the runner cannot write to its package cache', {
    hint: 'Check free space and permissions of the state folder.',
    cause,
  });
}

function mostCiphertextBytes(plainBytes: number): number {
  return plainBytes + HEADER + CHUNK_EXTRA * (Math.ceil(plainBytes / MIN_CHUNK) + 1);
}

async function trim(dir: string, maxBytes: number, keep: string): Promise<void> {
  const files = [];
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    const stats = name.endsWith(PARTIAL) ? null : await stat(path).catch(() => null);
    if (stats !== null) files.push({ path, size: stats.size, usedAt: stats.mtimeMs });
  }
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= maxBytes) return;
    // Another attempt may just be reading it: where the system refuses, it stays until the next time.
    if (path !== keep)
      total -= await rm(path, { force: true }).then(
        () => size,
        () => 0,
      );
  }
}
