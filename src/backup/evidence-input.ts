/** All that evidence is made of, and who writes it. */
import type { RestorePoint } from './facts.js';
import type { CheckResult, Covered, ManifestHead, Verdict } from './results.js';

export interface Measured {
  readonly target: number;
  /** Milliseconds from the restore request; null where it was not reached. */
  readonly connect: number | null;
  readonly critical: number | null;
  readonly full: number | null;
}

export interface MeasuredRpo {
  readonly target: number;
  /** Milliseconds; null where nothing could be measured. */
  readonly measured: number | null;
  readonly from: 'gap' | 'restorable-time' | 'heartbeat' | null;
}

export interface TimelineEntry {
  readonly at: string;
  readonly event: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** All that evidence is made of; S3 and configuration assets have no RTO and no restored instance. */
export interface EvidenceInput {
  readonly run: string;
  readonly tool: { readonly name: 'roc'; readonly version: string };
  readonly operator: { readonly account: string | null; readonly arn: string | null };
  readonly policy: {
    readonly id: string;
    readonly approvedBy: string | null;
    readonly approvedOn: string | null;
    readonly sha256: string;
  };
  readonly asset: {
    readonly id: string;
    readonly type: 'rds-mysql' | 's3' | 'config';
    readonly source: string;
    readonly region: string;
  };
  readonly point: RestorePoint | null;
  readonly manifest: ManifestHead | null;
  readonly instance: { readonly id: string; readonly class: string; readonly multiAz: boolean } | null;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly rto: Measured | null;
  readonly rpo: MeasuredRpo | null;
  readonly checks: readonly CheckResult[];
  readonly coverage: Covered | null;
  readonly exclusions: readonly { readonly name: string; readonly reason: string }[];
  /** What differed from the plan: another point, another class, a resumed run. */
  readonly deviations: readonly string[];
  readonly timeline: readonly TimelineEntry[];
  /** Request ids that AWS gave, by call. */
  readonly requests: readonly { readonly call: string; readonly requestId: string }[];
  readonly journalSha256: string | null;
  readonly seed: string | null;
  readonly cleanup: CleanupOutcome;
  readonly costUsd: number | null;
  readonly verdict: Verdict;
}

export interface CleanupOutcome {
  readonly verdict: 'done' | 'kept' | 'failed' | 'nothing-to-do';
  readonly leftovers: readonly string[];
  /** When AWS said that the instance is not there any more. */
  readonly goneAt: string | null;
}

export interface EvidenceRef {
  readonly file: string;
  readonly sha256: string;
  readonly signature: string | null;
}

/** Writes evidence.json (canonical, chained, signed) with its HTML and Markdown; writing the same run again changes nothing. */
export type WriteEvidence = (input: EvidenceInput) => Promise<EvidenceRef>;
