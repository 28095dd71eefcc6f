/** The other half of the room as a run needs it: checks, manifests, evidence, and where copies of them go. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseDuration } from '../kernel/time.js';
import { auditKeyId } from '../protocol/audit/checkpoint.js';
import type { DrillPlan } from './answers.js';
import { kmsSigner } from './aws/kms-signer.js';
import { createDataChecks } from './checks/data-checks.js';
import type { RocData } from './checks/roc.js';
import { writeEvidence } from './evidence/folder.js';
import { localSigner, type Signer } from './evidence/signer.js';
import { readPublicKey } from './evidence/verify.js';
import type { EvidenceInput, EvidenceRef } from './evidence-input.js';
import { findManifest } from './manifest-store.js';
import type { RdsAsset } from './model.js';
import { createConnector } from './mysql/connector.js';
import { planDrill } from './plan.js';
import type { PrepareOptions } from './prepare.js';
import type { Room } from './room.js';
import type { RunState } from './run/state.js';
import { type RunOptions, type RunParts, resume, verify } from './verify.js';

/** @throws RocError ROC_USAGE, ROC_REFUSED, ROC_RESUMABLE */
export async function verifyWithParts(
  room: Room,
  options: RunOptions &
    Omit<PrepareOptions, 'keepOnFailure'> & { readonly keepOnFailure?: string | undefined },
): Promise<RunState> {
  const { keepOnFailure: keep } = options;
  const keepOnFailure = keep === undefined ? undefined : parseDuration(keep);
  // A key that cannot sign would be found out only hours later, at the end.
  await openSigner(room);
  return verify(room, createRunParts(room), { ...options, keepOnFailure });
}

export function resumeWithParts(room: Room, run: string, options: RunOptions): Promise<RunState> {
  return resume(room, createRunParts(room), run, options);
}

export function planWithParts(room: Room, options: PrepareOptions): Promise<DrillPlan> {
  return planDrill(room, createRunParts(room).checks, options);
}

function createRunParts(room: Room): RunParts {
  return {
    checks: createDataChecks({ roc: (asset) => rocData(room, asset) }),
    createConnector,
    findManifest: (point) => findManifest(room, point),
    writeEvidence: (input) => signEvidence(room, input),
    async publish(journal) {
      const { evidence, plan } = journal.state;
      if (evidence !== null) await copyEvidence(room, evidence);
      await room.objects?.write(`runs/${plan.run}/journal.jsonl`, journal.text());
    },
  };
}

/** Where roc's own robots lie and who signed its audit checkpoints, for an asset that is its database. */
async function rocData(room: Room, asset: RdsAsset): Promise<RocData> {
  const files = asset.checks.roc?.auditKeys ?? [];
  const keys = await Promise.all(
    files.map((file) => readPublicKey(resolve(dirname(room.policy.file), file))),
  );
  return {
    packages: await room.packages(),
    auditKeys: keys.length === 0 ? null : new Map(keys.map((key) => [auditKeyId(key), key])),
  };
}

/** Signs and writes evidence, and copies it to the bucket where there is one. */
export async function keepEvidence(room: Room, input: EvidenceInput): Promise<EvidenceRef> {
  const evidence = await signEvidence(room, input);
  await copyEvidence(room, evidence);
  return evidence;
}

async function signEvidence(room: Room, input: EvidenceInput): Promise<EvidenceRef> {
  return writeEvidence(join(room.dir, 'evidence'), input, await openSigner(room));
}

async function copyEvidence({ objects }: Room, { file }: EvidenceRef): Promise<void> {
  for (const ending of ['.json', '.html', '.md']) {
    const page = file.replace(/\.json$/, ending);
    await objects?.write(`evidence/${basename(page)}`, await readFile(page, 'utf8'));
  }
}

/** The key that signs evidence: one of KMS, or a local one that is made at first need. */
export async function openSigner({
  settings,
  dir,
  access,
}: Pick<Room, 'settings' | 'dir' | 'access'>): Promise<Signer> {
  const [kind, ...rest] = (settings.sign ?? `local:${join(dir, 'keys', 'evidence.pem')}`).split(':');
  const key = rest.join(':');
  return kind === 'aws-kms' ? kmsSigner(access, key) : localSigner(key);
}
