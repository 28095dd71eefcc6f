/** From results to a verdict: a check that is missing is inconclusive, and nothing but a whole set of passes is a pass. Pure. */
import { formatDuration } from '../../kernel/time.js';
import type { Measured, MeasuredRpo } from '../evidence-input.js';
import type { CheckResult, Verdict } from '../results.js';
import type { RunState } from '../run/state.js';

export interface Judgement {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** The room's own checks: RTO, RPO, and a row for each check that never came. */
  readonly checks: readonly CheckResult[];
  readonly rpo: MeasuredRpo;
}

export function judge(state: RunState, now: number): Judgement {
  const rto = rtoOf(state);
  const rpo = rpoOf(state);
  const added = [...absent(state), rtoCheck(state, rto, now), rpoCheck(rpo)];
  const all = [...state.checks, ...added];
  const failed = all.filter(({ verdict }) => verdict === 'fail');
  const open = all.filter(({ verdict }) => verdict === 'inconclusive');
  const trouble = state.trouble;
  const reasons = [
    ...(trouble === null ? [] : [trouble.message]),
    ...failed.map(({ id, actual, expected }) => `${id}: ${actual}, expected ${expected}`),
    ...open.map(({ id, actual }) => `${id}: ${actual}`),
  ];
  return {
    verdict: verdictOf(failed.length > 0 || trouble?.verdict === 'fail', open.length > 0 || trouble !== null),
    reasons,
    checks: added,
    rpo,
  };
}

/** Milliseconds from the restore request to each of its three ends. */
export function rtoOf(state: RunState): Measured {
  const since = (at: number | null) =>
    at === null || state.requestedAt === null ? null : at - state.requestedAt;
  return {
    target: state.plan.asset.rto,
    connect: since(state.reachableAt),
    critical: since(state.criticalAt),
    full: since(state.fullAt),
  };
}

/** The worst of three: the gap between points, how far back restores reach, how old the newest row of the copy is. */
function rpoOf(state: RunState): MeasuredRpo {
  const target = state.plan.asset.rpo;
  const heartbeat = state.checks.find(({ id }) => id === 'heartbeat')?.details?.['lagMs'];
  const { gap, restorableLag } = state.rpoFacts;
  const known = (
    [
      ['gap', gap],
      ['restorable-time', restorableLag],
      ['heartbeat', typeof heartbeat === 'number' ? heartbeat : null],
    ] as const
  ).filter((entry): entry is [(typeof entry)[0], number] => entry[1] !== null);
  const worst = known.sort((a, b) => b[1] - a[1])[0];
  return { target, measured: worst?.[1] ?? null, from: worst?.[0] ?? null };
}

function verdictOf(hasFailed: boolean, isOpen: boolean): Verdict {
  if (hasFailed) return 'fail';
  return isOpen ? 'inconclusive' : 'pass';
}

function absent(state: RunState): CheckResult[] {
  if (state.planned === null) return [row('data', 'inconclusive', 'the planned checks', 'none ran', true)];
  const known = new Set(state.checks.map(({ id }) => id));
  if (state.planned.length === 0)
    return [row('data', 'inconclusive', 'at least one check of the data', 'none is planned', true)];
  return state.planned
    .filter(({ id }) => !known.has(id))
    .map(({ id, critical }) => row(id, 'inconclusive', 'a result', 'it never ran', critical));
}

function rtoCheck(state: RunState, { target, critical }: Measured, now: number): CheckResult {
  const expected = `critical checks within ${formatDuration(target)}`;
  if (critical === null) {
    const isLate = state.requestedAt !== null && now - state.requestedAt > target;
    const verdict = isLate && state.trouble?.code !== 'ROC_INTERRUPTED' ? 'fail' : 'inconclusive';
    return row('rto', verdict, expected, 'the critical checks did not end', true);
  }
  const actual = formatDuration(critical);
  if (critical > target) return row('rto', 'fail', expected, actual, true);
  // Whatever passed while nobody drove the run is in the figure, or hidden by it.
  if (state.isTimeBroken) return row('rto', 'inconclusive', expected, `${actual}, with a break`, true);
  return row('rto', 'pass', expected, actual, true);
}

function rpoCheck({ target, measured, from }: MeasuredRpo): CheckResult {
  const expected = `at most ${formatDuration(target)} of data lost`;
  if (measured === null) return row('rpo', 'inconclusive', expected, 'nothing to measure it by', true);
  return row(
    'rpo',
    measured > target ? 'fail' : 'pass',
    expected,
    `${formatDuration(measured)} (${from})`,
    true,
  );
}

function row(id: string, verdict: Verdict, expected: string, actual: string, critical: boolean): CheckResult {
  return { id, verdict, expected, actual, seconds: 0, critical };
}
