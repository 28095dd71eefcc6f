/** What the commands and the library answer, in types of their own. */
import type { DrillCost } from './decide/price.js';
import type { CleanupOutcome, EvidenceRef, Measured, MeasuredRpo } from './evidence-input.js';
import type { RestorePoint } from './facts.js';
import type { CheckResult, Covered, PlannedCheck, Verdict } from './results.js';

export interface ListedPoint extends Omit<RestorePoint, 'at' | 'tags'> {
  readonly asset: string;
  readonly at: string;
  readonly manifest: string | null;
}

export interface AssetState {
  readonly asset: string;
  readonly source: string;
  readonly exists: boolean;
  readonly window: { readonly from: string; readonly to: string } | null;
  readonly rpo: {
    readonly targetMs: number;
    readonly gaps: readonly { from: string; to: string; ms: number }[];
  };
  readonly retention: {
    readonly minMs: number;
    readonly oldest: string | null;
    readonly configuredDays: number | null;
    readonly verdict: 'ok' | 'drift' | 'unknown';
    readonly why: string;
  };
  readonly copies: readonly {
    region: string;
    newest: string | null;
    oldest: string | null;
    verdict: 'ok' | 'drift';
  }[];
  readonly lastProved: { readonly run: string; readonly at: string } | null;
  /** The policy's interval has gone by without a pass. */
  readonly isDue: boolean;
}

export interface BackupList {
  readonly items: readonly ListedPoint[];
  readonly assets: readonly AssetState[];
}

export interface Placement {
  readonly class: string;
  readonly fallbackClass: string | null;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly multiAz: boolean;
  /** Group to copy for the run; null where `parameterGroup` is used as it is. */
  readonly copyParameterGroup: string | null;
  readonly parameterGroup: string | null;
  readonly optionGroup: string | null;
  readonly caId: string | null;
  readonly storageType: string | null;
  readonly port: number;
  /** AWS Backup: where the point is, and the role that it is restored with. */
  readonly vault: string | null;
  readonly restoreRole: string | null;
}

export interface DrillPlan {
  readonly asset: string;
  readonly source: string;
  readonly point: { readonly kind: string; readonly id: string; readonly at: string };
  readonly placement: Placement;
  readonly cost: DrillCost & { readonly maxUsd: number };
  readonly preflight: readonly CheckResult[];
  readonly checks: readonly PlannedCheck[];
  /** Whether `verify` would begin. */
  readonly ready: boolean;
}

export interface RestoreResult {
  readonly asset: string;
  readonly instance: string;
  readonly endpoint: string | null;
  readonly point: { readonly kind: string; readonly id: string; readonly at: string };
  /** Milliseconds from the request; `cutOver` until the copy had the name of the source. */
  readonly rto: { readonly target: number; readonly available: number; readonly cutOver: number | null };
  /** What the former database is called now, where there was a cut-over. */
  readonly former: string | null;
  /** What is left for a person to do, as commands. */
  readonly next: readonly string[];
}

export interface VerifyResult {
  readonly run: string;
  readonly asset: string;
  /** Null while the run goes on without a driver. */
  readonly verdict: Verdict | null;
  readonly reasons: readonly string[];
  readonly phase: string;
  readonly point: Omit<RestorePoint, 'at' | 'tags'> & { readonly at: string };
  /** Milliseconds; of a copy in one zone without cut-over, unless the policy says `target.multiAz`. */
  readonly rto: Measured;
  readonly rpo: MeasuredRpo | null;
  readonly checks: readonly CheckResult[];
  readonly coverage: Covered | null;
  readonly deviations: readonly string[];
  readonly cleanup: CleanupOutcome | null;
  readonly evidence: EvidenceRef | null;
}

export interface SweptThing {
  readonly type: 'instance' | 'parameter-group';
  readonly id: string;
  readonly run: string | null;
  readonly expires: string | null;
  readonly outcome: 'deleted' | 'would-delete' | 'left' | 'failed';
  /** Guards that objected, or what RDS said. */
  readonly why: readonly string[];
}
