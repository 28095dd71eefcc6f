/** Gates: conditions that a run may meet only so many times. */
import {
  ACTIONABLE,
  type Action,
  type Coverage,
  type ExposureState,
  type Finding,
  type FixState,
  type Lane,
  type Severity,
  type State,
} from '../model.js';
import { severityRank } from '../severity.js';

export interface GateRule {
  readonly name: string;
  readonly when: {
    readonly lane?: readonly Lane[] | undefined;
    /** This severity or worse; `unknown` means exactly unknown. */
    readonly severity?: Severity | undefined;
    readonly kev?: boolean | undefined;
    readonly overdue?: boolean | undefined;
    readonly fix?: readonly FixState[] | undefined;
    readonly state?: readonly State[] | undefined;
    readonly action?: readonly Action[] | undefined;
    readonly exposure?: readonly ExposureState[] | undefined;
    readonly scoreAtLeast?: number | undefined;
    readonly coverage?: 'missing' | undefined;
  };
  readonly max: number;
}

export interface GateResult {
  readonly name: string;
  readonly passed: boolean;
  readonly count: number;
  readonly max: number;
}

export type GateTest = (finding: Finding) => boolean;

/** Suppressed and fixed findings meet a gate only when it asks for those states. */
export function compileGate({ when }: GateRule): GateTest {
  if (when.coverage !== undefined) return () => false;
  return (f) =>
    (when.state === undefined ? ACTIONABLE.has(f.state) : when.state.includes(f.state)) &&
    (when.severity === undefined || atLeast(f.severity, when.severity)) &&
    (when.kev === undefined || (f.kev === true) === when.kev) &&
    (when.overdue === undefined || f.decision.overdue === when.overdue) &&
    (when.fix === undefined || when.fix.includes(f.fix)) &&
    (when.lane === undefined || when.lane.includes(f.lane)) &&
    (when.action === undefined || when.action.includes(f.decision.action)) &&
    (when.exposure === undefined || when.exposure.includes(f.exposure)) &&
    (when.scoreAtLeast === undefined || f.score >= when.scoreAtLeast);
}

function atLeast(severity: Severity, least: Severity): boolean {
  return least === 'unknown' ? severity === 'unknown' : severityRank(severity) >= severityRank(least);
}

export function judgeGates(
  rules: readonly GateRule[],
  counts: readonly number[],
  coverage: readonly Coverage[],
): readonly GateResult[] {
  const missing = coverage.filter((entry) => entry.verdict === 'missing').length;
  return rules.map((rule, i) => {
    const count = rule.when.coverage === 'missing' ? missing : (counts[i] ?? 0);
    return { name: rule.name, passed: count <= rule.max, count, max: rule.max };
  });
}
