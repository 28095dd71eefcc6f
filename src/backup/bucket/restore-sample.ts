/** Restores some objects of a manifest into another bucket, hashes what arrived there, and takes it away again. */
import { isRocError } from '../../kernel/errors.js';
import type { Outcome } from '../checks/context.js';
import { count } from '../checks/judge-table.js';
import { detection, drawChunks, onePercent } from '../checks/sampling.js';
import type { S3Asset } from '../model.js';
import { inParallel } from '../mysql/sessions.js';
import type { BucketManifest } from './manifest.js';
import type { Bucket, VersionName } from './ports.js';

const RESTORE_FOLDER = 'roc-verify';
const AT_ONCE = 8;
const MOST_NAMED = 5;

export interface SampleOptions {
  readonly source: Bucket;
  /** Null: bytes are read where they lie, and the evidence says so. */
  readonly target: Bucket | null;
  readonly manifest: BucketManifest;
  readonly checks: S3Asset['checks'];
  readonly run: string;
  readonly seed: string;
  readonly signal: AbortSignal;
  /** Told what is left in the target, also where the sample could not be finished. */
  readonly leftovers: string[];
}

export async function restoreSample(options: SampleOptions): Promise<Outcome> {
  const { manifest, checks, seed, target, signal } = options;
  const { objects } = manifest;
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  const wanted =
    bytes <= checks.fullUpTo
      ? objects.length
      : Math.max(1, Math.ceil((objects.length * checks.samplePct) / 100));
  const drawn = drawChunks(seed, manifest.bucket, objects.length, wanted);
  const expected = `${count(drawn.length)} of ${count(objects.length)} objects with the bytes of the manifest`;
  if (objects.length === 0)
    return { verdict: 'inconclusive', expected, actual: 'the manifest names no object' };
  const faults: string[] = [];
  let read = 0;
  const checked = inParallel(drawn, AT_ONCE, async (index) => {
    signal.throwIfAborted();
    return checkObject(options, objects[index] as BucketManifest['objects'][number], index);
  });
  for await (const { fault, size } of checked) {
    read += size;
    if (fault !== null) faults.push(fault);
  }
  const found = detection(objects.length, drawn.length, onePercent(objects.length));
  const how =
    target === null ? 'read where they lie (no restoreTo in the policy)' : `restored to ${target.name}`;
  return {
    verdict: faults.length === 0 ? 'pass' : 'fail',
    expected,
    actual:
      faults.length === 0
        ? `${count(drawn.length)} ${how}, all the same`
        : `${count(faults.length)} differ: ${faults.slice(0, MOST_NAMED).join('; ')}`,
    details: { bytes: read, restored: target !== null, detection: found },
    covered: {
      tables: 0,
      rows: objects.length,
      rowsChecked: drawn.length,
      bytesChecked: read,
      detection: found,
    },
  };
}

async function checkObject(
  { source, target, run, leftovers }: SampleOptions,
  object: BucketManifest['objects'][number],
  index: number,
): Promise<{ fault: string | null; size: number }> {
  if (target === null) return judge(object, await source.hash(object));
  const key = `${RESTORE_FOLDER}/${run}/${index}`;
  const left = (copied: string) => void leftovers.push(`s3://${target.name}/${copied}`);
  let copy: VersionName;
  try {
    copy = await target.copyFrom(source.name, object, key);
  } catch (error) {
    if (isGone(error)) return { fault: `${object.key} is gone`, size: 0 };
    // Where AWS said nothing or could not say, the copy may be there all the same.
    if (!isRefused(error)) left(key);
    throw error;
  }
  try {
    return judge(object, await target.hash(copy));
  } finally {
    await target.remove(copy).catch(() => left(copy.key));
  }
}

function judge(
  { key, sha256, size }: BucketManifest['objects'][number],
  actual: { readonly sha256: string; readonly size: number } | null,
): { fault: string | null; size: number } {
  if (actual === null) return { fault: `${key} is gone`, size: 0 };
  if (actual.sha256 === sha256 && actual.size === size) return { fault: null, size: actual.size };
  return { fault: `${key} has other bytes (SHA-256 ${actual.sha256.slice(0, 12)}…)`, size: actual.size };
}

function isRefused(error: unknown): boolean {
  return isRocError(error) && (error.exitCode === 2 || error.exitCode === 4);
}

function isGone(error: unknown): boolean {
  const name = (error as { details?: { aws?: unknown } }).details?.aws;
  return typeof name === 'string' && /^(NoSuchKey|NoSuchVersion)$/.test(name);
}
