/** `roc backup verify` of buckets and of configuration: no instance is made, so no journal is needed; the evidence is the same. */
import { dirname } from 'node:path';
import { parseWith } from '../../kernel/config.js';
import { RocError } from '../../kernel/errors.js';
import { openBucket } from '../aws/bucket.js';
import { checkBucket } from '../bucket/checks.js';
import { type BucketManifest, bucketManifestSchema } from '../bucket/manifest.js';
import { checkConfiguration } from '../configuration/checks.js';
import { collectConfiguration } from '../configuration/collect.js';
import { readExport } from '../configuration/sealed-export.js';
import type { EvidenceInput, EvidenceRef } from '../evidence-input.js';
import type { ConfigAsset, S3Asset } from '../model.js';
import { keepEvidence, openSigner } from '../parts.js';
import type { CheckResult, Verdict } from '../results.js';
import { type Room, realWorld } from '../room.js';
import { newRunId } from '../run/names.js';
import { coverageOf } from '../run/steps/sign.js';
import { bucketOf } from './bucket-of.js';
import { openExportKeys, openTextStore } from './places.js';
import { bucketManifests } from './take.js';

export type StoredAsset = S3Asset | ConfigAsset;

export interface StoredResult
  extends Pick<EvidenceInput, 'run' | 'verdict' | 'checks' | 'coverage' | 'cleanup'> {
  readonly asset: string;
  readonly point: null;
  readonly rto: null;
  readonly rpo: null;
  readonly evidence: EvidenceRef;
}

interface Checked {
  readonly source: string;
  readonly checks: readonly CheckResult[];
  readonly leftovers: readonly string[];
  readonly madeCopies: boolean;
}

export async function verifyStored(
  room: Room,
  asset: StoredAsset,
  signal: AbortSignal,
): Promise<StoredResult> {
  await openSigner(room);
  const run = newRunId(room.now(), realWorld.random);
  const seed = realWorld.randomBytes(16).toString('hex');
  const startedAt = iso(room.now());
  const requests: { call: string; requestId: string }[] = [];
  room.cloud.onRequest((call, requestId) => void requests.push({ call, requestId }));
  const { account, arn } = await room.cloud.caller();
  const { source, checks, leftovers, madeCopies } =
    asset.type === 's3'
      ? await checkS3(room, asset, { run, seed, signal })
      : await checkConfig(room, asset, signal);
  const finishedAt = iso(room.now());
  const head = room.policy.policy.policy;
  const cleanup: EvidenceInput['cleanup'] = {
    verdict: leftovers.length > 0 ? 'failed' : madeCopies ? 'done' : 'nothing-to-do',
    leftovers,
    goneAt: madeCopies && leftovers.length === 0 ? finishedAt : null,
  };
  const coverage = coverageOf(checks);
  const input: EvidenceInput = {
    run,
    tool: { name: 'roc', version: room.version },
    operator: { account, arn },
    policy: {
      id: head.id,
      approvedBy: head.approvedBy ?? null,
      approvedOn: head.approvedOn ?? null,
      sha256: room.policy.sha256,
    },
    asset: { id: asset.id, type: asset.type, source, region: room.cloud.region },
    ...{ point: null, manifest: null, instance: null, rto: null, rpo: null },
    ...{ startedAt, finishedAt, checks, coverage, seed, cleanup, requests },
    ...{ exclusions: [], deviations: [], timeline: [], journalSha256: null, costUsd: null },
    verdict: worst(checks),
  };
  const evidence = await keepEvidence(room, input);
  return {
    run,
    asset: asset.id,
    point: null,
    rto: null,
    rpo: null,
    verdict: input.verdict,
    checks,
    coverage,
    cleanup,
    evidence,
  };
}

async function checkS3(
  room: Room,
  asset: S3Asset,
  { run, seed, signal }: { run: string; seed: string; signal: AbortSignal },
): Promise<Checked> {
  const name = bucketOf(room, asset);
  const { replica: copy } = asset;
  const { restoreTo } = asset.checks;
  const source = openBucket(room.access, name, asset.region);
  const replica = copy === undefined ? null : openBucket(room.access, copy.bucket, copy.region);
  const target = restoreTo === undefined ? null : openBucket(room.access, restoreTo, asset.region);
  const leftovers: string[] = [];
  try {
    const { now, log } = room;
    const manifest = await newestManifest(room, asset);
    const checks = await checkBucket({
      ...{ asset, source, replica, target, manifest, leftovers },
      ...{ run, seed, now, signal, log },
    });
    return { source: name, checks, leftovers, madeCopies: target !== null };
  } catch (error) {
    throw signal.aborted ? interrupted(leftovers, error) : error;
  } finally {
    for (const bucket of [source, replica, target]) bucket?.close();
  }
}

function interrupted(leftovers: readonly string[], cause: unknown): RocError {
  return new RocError('ROC_INTERRUPTED', 'interrupted: nothing was proved', {
    hint:
      leftovers.length === 0
        ? 'No copy was left behind.'
        : `Remove what was left behind: ${leftovers.join(', ')}.`,
    cause,
  });
}

async function newestManifest(room: Room, asset: S3Asset): Promise<BucketManifest | null> {
  const found = await bucketManifests(room, asset).newest();
  if (found === null) return null;
  return parseWith(bucketManifestSchema, JSON.parse(found.text), {
    what: 'manifest',
    file: found.name,
    code: 'ROC_INVALID_INPUT',
  });
}

async function checkConfig(room: Room, asset: ConfigAsset, signal: AbortSignal): Promise<Checked> {
  const found = await openTextStore(room, asset.store, asset.id).newest();
  const checks = await checkConfiguration({
    asset,
    sealed: found === null ? null : readExport(found.name, found.text),
    keys: await openExportKeys(room, asset),
    live: () => collectConfiguration(room.access, asset.include, dirname(room.policy.file)),
    ...{ now: room.now, signal, log: room.log },
  });
  return { source: asset.store, checks, leftovers: [], madeCopies: false };
}

function worst(checks: readonly CheckResult[]): Verdict {
  const has = (verdict: Verdict) => checks.some((check) => check.verdict === verdict);
  return has('fail') ? 'fail' : has('inconclusive') || checks.length === 0 ? 'inconclusive' : 'pass';
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
