/** The checks of a bucket: what it promises, what its replica holds, and whether a sample comes back as it was. */
import { canonicalSha256 } from '../../kernel/canonical-json.js';
import type { Log } from '../../kernel/log.js';
import type { Clock } from '../../kernel/time.js';
import type { Check, Outcome } from '../checks/context.js';
import { judgeFreshness } from '../checks/freshness.js';
import { count } from '../checks/judge-table.js';
import { runCheck } from '../checks/run-check.js';
import { drawChunks } from '../checks/sampling.js';
import type { S3Asset } from '../model.js';
import type { CheckResult } from '../results.js';
import { judgeEncryption, judgeLifecycle, judgeLock, judgePublic, judgeVersioning } from './decide.js';
import type { BucketManifest } from './manifest.js';
import type { Bucket } from './ports.js';
import { restoreSample } from './restore-sample.js';

export interface BucketCheckInput {
  readonly asset: S3Asset;
  readonly source: Bucket;
  readonly replica: Bucket | null;
  readonly target: Bucket | null;
  readonly manifest: BucketManifest | null;
  /** Told what is left in the target, also where a check could not be finished. */
  readonly leftovers: string[];
  readonly run: string;
  readonly seed: string;
  readonly now: Clock;
  readonly signal: AbortSignal;
  readonly log: Log;
}

const REPLICA_SAMPLE = 50;

export async function checkBucket(input: BucketCheckInput): Promise<CheckResult[]> {
  const { asset, source, manifest } = input;
  const settings = await source.settings();
  const critical = (id: string, run: () => Outcome | Promise<Outcome>): Check => ({
    id,
    critical: true,
    run: async () => run(),
  });
  const all: Check[] = [
    critical('versioning', () => judgeVersioning(settings)),
    critical('object-lock', () => judgeLock(settings, asset.retention)),
    critical('lifecycle', () => judgeLifecycle(settings, asset.retention, asset.prefix)),
    critical('encryption', () => judgeEncryption(settings)),
    critical('not-public', () => judgePublic(settings)),
    ...(asset.replica === undefined ? [] : [critical('replica', () => checkReplica(input))]),
    // What was written since is in no manifest, and nobody has looked at it.
    ...(manifest === null
      ? []
      : [
          critical('manifest-fresh', () =>
            judgeFreshness('a manifest', manifest.takenAt, asset.testEvery, input.now(), 'inconclusive'),
          ),
        ]),
    critical('restore', async () => {
      if (manifest === null)
        return {
          verdict: 'inconclusive',
          expected: 'a manifest to compare with',
          actual: `none was taken: roc backup manifest ${asset.id}`,
        };
      const outcome = await restoreSample({ ...input, manifest, checks: asset.checks });
      return { ...outcome, details: { ...outcome.details, manifest: canonicalSha256(manifest) } };
    }),
  ];
  const checks: CheckResult[] = [];
  for (const check of all) checks.push(await runCheck(check, input));
  return checks;
}

/** S3 says nothing reliable of what arrived: the destination's own bytes are read. */
async function checkReplica({ replica, manifest, seed, signal }: BucketCheckInput): Promise<Outcome> {
  const expected = 'the replica holds the same bytes';
  if (replica === null || manifest === null)
    return { verdict: 'inconclusive', expected, actual: 'no manifest to compare it with' };
  const { objects } = manifest;
  const drawn = drawChunks(seed, replica.name, objects.length, REPLICA_SAMPLE);
  const faults: string[] = [];
  for (const index of drawn) {
    signal.throwIfAborted();
    const object = objects[index] as BucketManifest['objects'][number];
    // A replica keeps the version ids of its source.
    const found = (await replica.hash(object)) ?? (await replica.hash({ key: object.key, versionId: null }));
    if (found === null) faults.push(`${object.key} is not there`);
    else if (found.sha256 !== object.sha256) faults.push(`${object.key} has other bytes`);
  }
  return {
    verdict: drawn.length === 0 ? 'inconclusive' : faults.length === 0 ? 'pass' : 'fail',
    expected,
    actual:
      faults.length === 0
        ? `${count(drawn.length)} of ${count(objects.length)} objects read there, all the same`
        : `${count(faults.length)} of ${count(drawn.length)}: ${faults.slice(0, 5).join('; ')}`,
  };
}
