/** Puts the report's head together from what the stages counted. */
import { isoTime } from '../kernel/time.js';
import type { FinishedPart } from './collect/finish-partition.js';
import type { JoinedIntake } from './collect/join-intakes.js';
import { joinGroups } from './collect/plan-groups.js';
import type { Settings } from './collect/settings.js';
import { joinTotals, type Totals } from './collect/totals.js';
import { type GateResult, judgeGates } from './decide/gates.js';
import { makePlan } from './plan.js';
import type { FeedState, ReportHead, ReportIntake, ReportSummary } from './report-model.js';

export interface HeadParts {
  readonly settings: Settings;
  readonly scope: ReportHead['scope'];
  readonly feeds: readonly FeedState[];
  readonly intake: JoinedIntake;
  readonly files: number;
  readonly bytes: number;
  readonly finished: readonly FinishedPart[];
  readonly warnings: readonly string[];
  /** Gates that are no count of findings. */
  readonly gates: readonly GateResult[];
}

export function makeHead(parts: HeadParts): ReportHead {
  const { settings, intake, finished } = parts;
  const totals = joinTotals(finished.map((part) => part.totals));
  const unasked = finished.reduce((sum, part) => sum + part.unasked, 0);
  return {
    version: 1,
    generatedAt: isoTime(settings.now),
    scope: parts.scope,
    feeds: parts.feeds,
    intake: intakeOf(parts),
    summary: summaryOf(totals, unasked),
    coverage: intake.coverage,
    warnings: parts.warnings,
    plan: makePlan(joinGroups(finished.map((part) => part.plan)), settings.now),
    gates: [
      ...judgeGates(settings.gates, addUp(finished.map((part) => part.gateCounts)), intake.coverage),
      ...parts.gates,
    ],
  };
}

function intakeOf({ intake, files, bytes }: HeadParts): ReportIntake {
  return {
    files,
    bytes,
    records: intake.counts.records,
    observations: intake.counts.observations,
    left: intake.counts.drops,
    problems: intake.counts.problems,
    skipped: intake.counts.skipped,
    examples: intake.problems.slice(0, 1000),
  };
}

function summaryOf(totals: Totals, unasked: number): ReportSummary {
  return {
    total: totals.total,
    bySeverity: totals.bySeverity,
    byAction: totals.byAction,
    byLane: totals.byLane,
    dueIn: totals.dueIn,
    new: totals.byState.new,
    open: totals.byState.open,
    regressed: totals.byState.regressed,
    expired: totals.byState.expired,
    fixed: totals.byState.fixed,
    suppressed: totals.byState.suppressed,
    overdue: totals.overdue,
    kev: totals.kev,
    unasked,
  };
}

/** Adds lists of equal length place by place. */
export function addUp(lists: readonly (readonly number[])[]): number[] {
  const [first = [], ...rest] = lists;
  return first.map((value, i) => rest.reduce((sum, list) => sum + (list[i] ?? 0), value));
}
