/** What may be written into a run's journal. */
import type { Placement } from '../answers.js';
import type { EvidenceRef, MeasuredRpo } from '../evidence-input.js';
import type { DatabaseFacts, RestorePoint } from '../facts.js';
import type { RdsAsset } from '../model.js';
import type { CheckResult, ManifestHead, PlannedCheck, Verdict } from '../results.js';

/** All that a run needs to go on anywhere: a resumed run reads no policy. */
export interface RunPlan {
  readonly run: string;
  readonly asset: RdsAsset;
  readonly policy: {
    readonly id: string;
    readonly approvedBy: string | null;
    readonly approvedOn: string | null;
    readonly sha256: string;
  };
  readonly toolVersion: string;
  readonly operator: { readonly account: string; readonly arn: string };
  readonly region: string;
  readonly source: string;
  readonly point: RestorePoint;
  readonly placement: Placement;
  /** Epoch milliseconds. */
  readonly expires: number;
  readonly owner: string;
  readonly costUsd: number | null;
  /** Milliseconds that a copy is kept after a bad verdict; null to clean up at once. */
  readonly keepOnFailure: number | null;
}

export interface RpoFacts {
  readonly gap: number | null;
  readonly restorableLag: number | null;
}

export type RunEvent =
  | { readonly type: 'planned'; readonly plan: RunPlan }
  /** Written before a call that changes something; the call may or may not have happened when nothing follows. */
  | {
      readonly type: 'intent';
      readonly call: string;
      readonly on: string;
      readonly detail?: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: 'result';
      readonly call: string;
      readonly on: string;
      readonly requestIds: readonly string[];
    }
  | { readonly type: 'resumed'; readonly operator: string }
  | {
      readonly type: 'preflight-passed';
      readonly checks: readonly CheckResult[];
      readonly source: DatabaseFacts | null;
      readonly rpo: RpoFacts;
    }
  | { readonly type: 'point-replaced'; readonly point: RestorePoint; readonly check: CheckResult }
  | { readonly type: 'class-replaced'; readonly class: string; readonly why: string }
  | { readonly type: 'restore-accepted'; readonly job: string | null }
  | { readonly type: 'status'; readonly status: string; readonly detail: string | null }
  | {
      readonly type: 'reachable';
      readonly host: string;
      readonly port: number;
      readonly subject: string;
      readonly protocol: string;
    }
  | {
      readonly type: 'signed-in';
      readonly user: string;
      readonly seed: string;
      readonly manifest: ManifestHead | null;
      readonly restored: DatabaseFacts;
    }
  | { readonly type: 'checks-planned'; readonly planned: readonly PlannedCheck[] }
  | { readonly type: 'check-done'; readonly result: CheckResult }
  | { readonly type: 'checks-done' }
  | { readonly type: 'way-lost'; readonly why: string }
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      readonly verdict: Verdict;
      readonly checks: readonly CheckResult[];
    }
  /** The host slept, or its clock was set. */
  | { readonly type: 'clock-jumped'; readonly ms: number }
  | { readonly type: 'interrupted' }
  | {
      readonly type: 'judged';
      readonly verdict: Verdict;
      readonly reasons: readonly string[];
      readonly checks: readonly CheckResult[];
      readonly rpo: MeasuredRpo;
    }
  | { readonly type: 'cleaned'; readonly goneAt: string | null; readonly leftovers: readonly string[] }
  | { readonly type: 'kept'; readonly until: string; readonly leftovers: readonly string[] }
  | { readonly type: 'cleanup-failed'; readonly leftovers: readonly string[]; readonly why: string }
  | { readonly type: 'signed'; readonly evidence: EvidenceRef }
  | { readonly type: 'published' };

export type RunEventType = RunEvent['type'];
