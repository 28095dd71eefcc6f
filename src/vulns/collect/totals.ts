/** Counts of a run, added up finding by finding and thread by thread. */
import {
  ACTIONABLE,
  ACTIONS,
  type Action,
  type Finding,
  LANES,
  type Lane,
  SEVERITIES,
  type Severity,
  STATES,
  type State,
} from '../model.js';

export interface Totals {
  /** Findings that ask for work: new, open, regressed, expired. */
  total: number;
  readonly bySeverity: Record<Severity, number>;
  readonly byAction: Record<Action, number>;
  readonly byLane: Record<Lane, number>;
  readonly byState: Record<State, number>;
  overdue: number;
  kev: number;
  /** Due dates of the next weeks: overdue, then days 0-3, 4-14, 15-60, later, none. */
  readonly dueIn: Record<DueBucket, number>;
}

export const DUE_BUCKETS = ['overdue', 'within3d', 'within14d', 'within60d', 'later', 'none'] as const;
export type DueBucket = (typeof DUE_BUCKETS)[number];

export function newTotals(): Totals {
  return {
    total: 0,
    bySeverity: zeros(SEVERITIES),
    byAction: zeros(ACTIONS),
    byLane: zeros(LANES),
    byState: zeros(STATES),
    overdue: 0,
    kev: 0,
    dueIn: zeros(DUE_BUCKETS),
  };
}

export function countFinding(totals: Totals, finding: Finding, dueBucket: DueBucket): void {
  totals.byState[finding.state]++;
  if (!ACTIONABLE.has(finding.state)) return;
  totals.total++;
  totals.bySeverity[finding.severity]++;
  totals.byAction[finding.decision.action]++;
  totals.byLane[finding.lane]++;
  totals.dueIn[dueBucket]++;
  if (finding.decision.overdue) totals.overdue++;
  if (finding.kev === true) totals.kev++;
}

export function joinTotals(all: readonly Totals[]): Totals {
  const sum = newTotals();
  for (const totals of all) {
    sum.total += totals.total;
    sum.overdue += totals.overdue;
    sum.kev += totals.kev;
    addAll(sum.bySeverity, totals.bySeverity);
    addAll(sum.byAction, totals.byAction);
    addAll(sum.byLane, totals.byLane);
    addAll(sum.byState, totals.byState);
    addAll(sum.dueIn, totals.dueIn);
  }
  return sum;
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}

function addAll<K extends string>(sum: Record<K, number>, add: Record<K, number>): void {
  for (const key of Object.keys(sum) as K[]) sum[key] += add[key];
}
