/** The report around its findings; schemas/vulns-report.schema.json describes both. */

import type { DueBucket } from './collect/totals.js';
import type { GateResult } from './decide/gates.js';
import type { Action, Coverage, Lane, Problem, ProblemKind, Severity } from './model.js';
import type { PlanItem } from './plan.js';

export interface FeedState {
  readonly name: 'kev' | 'epss' | 'ssvc';
  readonly present: boolean;
  /** The feed's own date, ISO 8601; null when it names none. */
  readonly date: string | null;
  readonly ageDays: number | null;
  readonly stale: boolean;
  readonly entries: number;
  readonly file: string | null;
}

export interface ReportSummary {
  /** Findings that ask for work: the sum of `bySeverity`, of `byAction` and of `byLane`. */
  readonly total: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly byAction: Readonly<Record<Action, number>>;
  readonly byLane: Readonly<Record<Lane, number>>;
  readonly dueIn: Readonly<Record<DueBucket, number>>;
  readonly new: number;
  readonly open: number;
  readonly regressed: number;
  readonly expired: number;
  readonly fixed: number;
  readonly suppressed: number;
  readonly overdue: number;
  readonly kev: number;
  /** Known open problems that this run neither saw nor covered; they stay as they were. */
  readonly unasked: number;
}

export interface ReportIntake {
  readonly files: number;
  readonly bytes: number;
  readonly records: number;
  readonly observations: number;
  /** Well-formed records that are no open finding, by reason. */
  readonly left: Readonly<Record<string, number>>;
  readonly problems: Readonly<Partial<Record<ProblemKind, number>>>;
  readonly skipped: number;
  /** The first thousand. */
  readonly examples: readonly Problem[];
}

export interface ReportHead {
  readonly version: 1;
  readonly generatedAt: string;
  readonly scope: {
    readonly inputs: readonly string[];
    readonly declared: readonly string[];
    readonly live: readonly string[];
    readonly store: boolean;
    readonly policy: string;
    /** Of the policy with all suppressions, and of the table: what judged. */
    readonly policySha256: string;
    readonly baseline: string | null;
    readonly table: string;
  };
  readonly feeds: readonly FeedState[];
  readonly intake: ReportIntake;
  readonly summary: ReportSummary;
  readonly coverage: readonly Coverage[];
  readonly warnings: readonly string[];
  readonly plan: readonly PlanItem[];
  readonly gates: readonly GateResult[];
}
