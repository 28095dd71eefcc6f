/** `roc backup verify` of any asset: databases through a journaled run, buckets and configuration at once; one outcome. */

import type { VerifyResult } from './answers.js';
import { readEvidence } from './evidence/folder.js';
import type { EvidenceRef } from './evidence-input.js';
import { verifyWithParts } from './parts.js';
import type { PrepareOptions } from './prepare.js';
import { exitCodeOf, resultOf } from './result.js';
import type { CheckResult } from './results.js';
import type { Room } from './room.js';
import { type StoredResult, verifyStored } from './stored/verify.js';
import { resultFields } from './text.js';
import type { RunOptions } from './verify.js';

export interface VerifyAssetOptions extends RunOptions, Omit<PrepareOptions, 'keepOnFailure'> {
  readonly keepOnFailure?: string | undefined;
}

export interface VerifyOutcome {
  readonly result: (VerifyResult | StoredResult) & {
    readonly checks: readonly CheckResult[];
    readonly evidence: EvidenceRef | null;
  };
  /** For people. */
  readonly fields: readonly (readonly [string, string])[];
  readonly reasons: readonly string[];
  readonly exitCode: number;
}

export async function verifyAsset(room: Room, options: VerifyAssetOptions): Promise<VerifyOutcome> {
  const named = room.policy.policy.assets.find(({ id }) => id === options.asset);
  if (named === undefined || named.type === 'rds-mysql') {
    const state = await verifyWithParts(room, options);
    const result = resultOf(state);
    return { result, fields: resultFields(result), reasons: result.reasons, exitCode: exitCodeOf(state) };
  }
  const result = await verifyStored(room, named, options.signal);
  const isClean = result.cleanup.verdict !== 'failed';
  const bad = result.checks.filter(({ verdict }) => verdict !== 'pass');
  return {
    result,
    fields: [
      ['run', result.run],
      ['cleanup', [result.cleanup.verdict, ...result.cleanup.leftovers].join(' ')],
      ['evidence', result.evidence.file],
      ['verdict', result.verdict],
    ],
    reasons: bad.map(({ id, verdict, actual }) => `${id}: ${verdict}, ${actual}`),
    exitCode: result.verdict === 'pass' && isClean ? 0 : 3,
  };
}

/** Evidence as the server takes it; the signed file is the body, whole. */
export async function evidenceEnvelope({ file }: EvidenceRef) {
  const { evidence, sha256 } = await readEvidence(file);
  const { report, chain } = evidence;
  return {
    kind: 'backup-verify',
    generatedAt: report.finishedAt,
    scope: `${report.asset.id} (${report.asset.type}) ${report.operator.account ?? ''} ${report.asset.region}`,
    policyHash: report.policy.sha256,
    verdict: report.verdict === 'inconclusive' ? ('unknown' as const) : report.verdict,
    summary: {
      run: report.run,
      number: chain.number,
      file: sha256,
      checks: report.checks.length,
      passed: report.checks.filter(({ verdict }) => verdict === 'pass').length,
      rtoMs: report.rto?.critical ?? null,
      rpoMs: report.rpo?.measured ?? null,
      cleanup: report.cleanup.verdict,
    },
    body: evidence,
  };
}
