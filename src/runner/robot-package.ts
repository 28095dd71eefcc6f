/** From an offer to a verified, unpacked robot: key for this job, ciphertext, both digests, strict reader. */
import { createHash, type KeyObject } from 'node:crypto';
import { isRocError, RocError } from '../kernel/errors.js';
import { SECOND } from '../kernel/time.js';
import { openEncrypted } from '../protocol/package/chunks.js';
import { packageContext } from '../protocol/package/context.js';
import type { RobotManifest } from '../protocol/package/manifest.js';
import { openFileSource, type RandomAccess, readRange } from '../protocol/package/source.js';
import { unpackPackage } from '../protocol/package/unpack.js';
import type { Identity } from './identity.js';
import { keepTrying } from './keep-trying.js';
import { exchangeKey } from './key-exchange.js';
import type { Link } from './link.js';
import type { CachedPackage, JobOffer, PackageCache } from './package-cache.js';
import { requireSignature } from './robot-signature.js';
import type { Timing } from './timing.js';
import { wipeDir } from './wipe-dir.js';

export interface UnpackOptions {
  readonly identity: Identity;
  readonly link: Link;
  readonly cache: PackageCache;
  /** This host's system, as a robot names it. */
  readonly os: RobotManifest['platforms'][number];
  readonly timing: Timing;
  readonly signal: AbortSignal;
  /** Keys whose signature every robot needs on this host; empty: what the server vouches for. */
  readonly publisherKeys: readonly KeyObject[];
  /** Told once when the package does not come, with what the newest try met. */
  readonly onWaiting: (error: unknown) => void;
}

/** Failures after which every second try goes through the server: the address may have lapsed, or be out of reach. */
const DIRECT_FAILURES = 2;
const FETCH_PAUSE = { firstMs: SECOND / 2, mostMs: 10 * SECOND };

/**
 * Unpacks the offered robot into `dir`, which must not exist; its key is asked for while its bytes are fetched. While
 * one of them cannot be had the job waits, however long, as long as its lease is renewed and nobody cancels it.
 * @throws RocError ROC_PACKAGE_INVALID, ROC_BLOB_CORRUPT or ROC_REFUSED where the package is at fault
 */
export async function unpackRobot(
  offer: JobOffer,
  dir: string,
  options: UnpackOptions,
): Promise<RobotManifest> {
  const { cache, timing, onWaiting } = options;
  requireSignature(offer, options.publisherKeys);
  // Where one of the two fails for good, the other is not waited for.
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const fetchPackage = () => {
    let failures = 0;
    return keepTrying(() => cache.get(byWay(offer, failures), signal), {
      ...{ kind: 'job', timing, signal, backoff: FETCH_PAUSE },
      onFailure: (error, count) => {
        failures = count;
        if (count === DIRECT_FAILURES) onWaiting(error);
      },
    });
  };
  const exchanged = exchangeKey(offer, { ...options, signal });
  try {
    const [key, cached] = await Promise.all([exchanged, fetchPackage()]);
    const manifest = await unpackFrom(cached, offer, key, dir).catch(async (error) => {
      // What lay here may have rotted, or have been encrypted anew since: only a fresh copy tells.
      if (!isDamage(error)) throw error;
      await cache.drop(cached);
      if (!cached.wasThere) throw error;
      await wipeDir(dir);
      return unpackFrom(await fetchPackage(), offer, key, dir);
    });
    requirePlatform(manifest, options.os);
    return manifest;
  } finally {
    over.abort();
    exchanged.then((key) => key.fill(0)).catch(() => {});
  }
}

/** Whether the package or the host is to blame for a failure before the robot started. */
export function isPackageFault(error: unknown): boolean {
  return isRocError(error) && PACKAGE_FAULTS.has(error.code);
}

const PACKAGE_FAULTS: ReadonlySet<string> = new Set([
  'ROC_PACKAGE_INVALID',
  'ROC_BLOB_CORRUPT',
  'ROC_REFUSED',
]);

/** As it was offered, or by the server's own path, which needs nothing but the lease. */
function byWay(offer: JobOffer, failures: number): JobOffer {
  if (failures < DIRECT_FAILURES || failures % 2 === 1) return offer;
  const url = `/api/v1/runner/jobs/${offer.jobId}/package`;
  return { ...offer, package: { ...offer.package, url } };
}

async function unpackFrom(
  cached: CachedPackage,
  { package: named }: JobOffer,
  key: Buffer,
  dir: string,
): Promise<RobotManifest> {
  const file = await openFileSource(cached.path);
  try {
    const { tenantId: tenant, project, robot, version } = named;
    const source = await openEncrypted(file, key, packageContext({ tenant, project, robot, version }));
    await requireSha256(source, named.sha256);
    const { manifest, digest } = await unpackPackage(source, dir);
    if (digest !== named.digest) throw notAsOffered('its digest is another one');
    if (manifest.name !== robot || manifest.version !== version)
      throw notAsOffered(`it is ${manifest.name}@${manifest.version}`);
    return manifest;
  } finally {
    await file.close();
  }
}

async function requireSha256(source: RandomAccess, expected: string): Promise<void> {
  const hash = createHash('sha256');
  for await (const piece of readRange(source, 0, source.size)) hash.update(piece);
  if (hash.digest('hex') !== expected) throw notAsOffered('its SHA-256 is another one');
}

function requirePlatform({ platforms }: RobotManifest, os: UnpackOptions['os']): void {
  if (platforms.includes(os)) return;
  throw new RocError('ROC_NOT_FOUND', `the robot runs on ${platforms.join(', ')}; this host is ${os}`, {
    hint: 'Run it in a pool whose hosts have one of these systems.',
  });
}

function notAsOffered(problem: string): RocError {
  return new RocError('ROC_BLOB_CORRUPT', `the package is not the one that was offered: ${problem}`, {
    hint: 'Publish the robot again under a new version.',
  });
}

function isDamage(error: unknown): boolean {
  return isRocError(error) && error.code === 'ROC_BLOB_CORRUPT';
}
