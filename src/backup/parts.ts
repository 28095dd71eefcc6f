/** The other half of the room as a run needs it: checks, manifests, evidence, and where copies of them go. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseDuration } from '../kernel/time.js';
import { kmsSigner } from './aws/kms-signer.js';
import { createDataChecks } from './checks/data-checks.js';
import { writeEvidence } from './evidence/folder.js';
import { localSigner, type Signer } from './evidence/signer.js';
import { findManifest } from './manifest-store.js';
import { createConnector } from './mysql/connector.js';
import { type DrillPlan, planDrill } from './plan.js';
import type { PrepareOptions } from './prepare.js';
import type { Room } from './room.js';
import type { RunState } from './run/state.js';
import { type RunOptions, type RunParts, resume, verify } from './verify.js';

/** @throws RocError ROC_USAGE, ROC_REFUSED, ROC_RESUMABLE */
export function verifyWithParts(
  room: Room,
  options: RunOptions &
    Omit<PrepareOptions, 'keepOnFailure'> & { readonly keepOnFailure?: string | undefined },
): Promise<RunState> {
  const { keepOnFailure: keep } = options;
  const keepOnFailure = keep === undefined ? undefined : parseDuration(keep);
  return verify(room, createRunParts(room), { ...options, keepOnFailure });
}

export function resumeWithParts(room: Room, run: string, options: RunOptions): Promise<RunState> {
  return resume(room, createRunParts(room), run, options);
}

export function planWithParts(room: Room, options: PrepareOptions): Promise<DrillPlan> {
  return planDrill(room, createRunParts(room).checks, options);
}

function createRunParts(room: Room): RunParts {
  const evidenceDir = join(room.dir, 'evidence');
  return {
    checks: createDataChecks({ roc: null }),
    createConnector,
    findManifest: (point) => findManifest(room, point),
    writeEvidence: async (input) => writeEvidence(evidenceDir, input, await openSigner(room)),
    async publish(journal) {
      const { objects } = room;
      const { evidence, plan } = journal.state;
      if (objects === null || evidence === null) return;
      for (const file of [
        evidence.file,
        evidence.file.replace(/\.json$/, '.html'),
        evidence.file.replace(/\.json$/, '.md'),
      ])
        await objects.write(`evidence/${basename(file)}`, await readFile(file, 'utf8'));
      await objects.write(`runs/${plan.run}/journal.jsonl`, journal.text());
    },
  };
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
