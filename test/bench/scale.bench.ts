/**
 * roc's scaling beside a tuned HPA and target tracking: instance-hours for the same avoidable violations, flaps, and
 * the speed of the simulator. Tables for people go to stderr.
 */
import { FLEETS, toWorkload } from '../../src/scale/simulate/fleet/model.js';
import { runPolicy } from '../../src/scale/simulate/fleet/run.js';
import { runOracle } from '../../src/scale/simulate/oracle.js';
import { rocPolicy } from '../../src/scale/simulate/roc-policy.js';
import { frontierAt, undominated } from '../../src/scale/simulate/tune/frontier.js';
import { syntheticSeries } from '../scale/simulate/synthetic.js';
import { type BenchRow, ratioAtMost, told, valueAtMost } from './bench-row.js';
import { type Board, choice, scoreboard, shippedPolicy } from './scale-board.js';

const BUDGETS = [0.5, 1, 2] as const;
const HPA = 'hpa-w60';

export async function bench(): Promise<BenchRow[]> {
  const board = scoreboard();
  print(frontierTable(board));
  for (const budget of [0.5, 1]) print(seriesTable(board, budget));
  return [...hourRows(board), ...trackingRows(board), ...flapRows(board), ...speedRows()];
}

function hourRows(board: Board): BenchRow[] {
  return BUDGETS.flatMap((budget) =>
    [HPA, 'tt'].flatMap((against) => {
      const ours = cell(board, 'roc', budget);
      if (ours === null) return [];
      const againstValue = cell(board, against, budget);
      const never = againstValue === null ? '; no target keeps to it' : '';
      const measured = {
        case: `${board.source}: instance-hours a day at ${budget} % avoidable violations`,
        value: ours,
        unit: 'h',
        against:
          against === HPA ? 'tuned HPA, 60 min window' : `tuned AWS target tracking (emulated${never})`,
        againstValue,
      };
      return [budget === 2 || againstValue === null ? told(measured) : ratioAtMost(measured, 1)];
    }),
  );
}

/** Whatever target within the widest budget a user gives to target tracking: roc's hours for the same violations. */
function trackingRows(board: Board): BenchRow[] {
  const ours = board.swept.get('roc') ?? [];
  const kept = (board.swept.get('tt') ?? []).filter(({ avoidablePct }) => avoidablePct <= 2);
  const ratios = undominated(kept).flatMap((point) => {
    const hours = frontierAt(ours, point.avoidablePct).instanceHoursPerDay;
    return hours === null ? [] : [{ ratio: hours / point.instanceHoursPerDay, hours, point }];
  });
  const worst = ratios.sort((a, b) => b.ratio - a.ratio)[0];
  if (worst === undefined) return [];
  return [
    ratioAtMost(
      {
        case: `${board.source}: hours for the violations of target tracking at its best target within 2 % (${(100 * worst.point.target).toFixed(1)} %)`,
        value: worst.hours,
        unit: 'h',
        against: 'AWS target tracking (emulated)',
        againstValue: worst.point.instanceHoursPerDay,
      },
      1,
    ),
  ];
}

function flapRows(board: Board): BenchRow[] {
  return [0.5, 1].flatMap((budget) => {
    const [ours, theirs] = ['roc', HPA].map((name) => choice(board, name, budget));
    if (ours === undefined) return [];
    return [
      valueAtMost(
        {
          case: `${board.source}: flaps a day at ${budget} % (target ${(100 * ours.target).toFixed(1)} %)`,
          value: ours.flapsPerDay,
          unit: '1/day',
          against: 'tuned HPA, 60 min window',
          againstValue: theirs?.flapsPerDay ?? null,
        },
        0.6,
      ),
    ];
  });
}

function speedRows(): BenchRow[] {
  const fleet = FLEETS.small;
  const workload = toWorkload(syntheticSeries('speed', 7, 28), fleet);
  const per40000 = (run: () => void) => {
    const times = Array.from({ length: 15 }, () => {
      const started = performance.now();
      run();
      return performance.now() - started;
    });
    return (Math.min(...times) * 40_000) / workload.demand.length;
  };
  const policy = rocPolicy('roc', shippedPolicy());
  return [
    valueAtMost(
      {
        case: 'simulate 40,000 minutes of a policy',
        value: per40000(() => runPolicy(workload, policy, fleet)),
        unit: 'ms',
        against: 'the oracle',
        againstValue: per40000(() => runOracle(workload, fleet)),
      },
      100,
    ),
  ];
}

function cell(board: Board, family: string, budget: number): number | null {
  return frontierAt(board.swept.get(family) ?? [], budget).instanceHoursPerDay;
}

function frontierTable(board: Board): string {
  const rows = [...board.swept].map(([name, points]) => {
    const cells = BUDGETS.map((budget) => {
      const { instanceHoursPerDay: hours, isUpperBound } = frontierAt(points, budget);
      const chosen = choice(board, name, budget);
      const text =
        hours === null || chosen === undefined
          ? '-'
          : `${hours.toFixed(1)}${isUpperBound ? '*' : ''} ${chosen.flapsPerDay.toFixed(2)}`;
      return text.padStart(14);
    });
    return `${name.padEnd(10)}${cells.join('')}`;
  });
  const oracle = board.courses.map(({ oracle: run }) => (24 * run.billedMinutes) / run.minutes);
  const mean = oracle.reduce((sum, hours) => sum + hours, 0) / Math.max(1, oracle.length);
  return [
    `${board.courses.length} ${board.source}; instance-hours a day (* upper bound) and flaps a day for avoidable violations of`,
    `${''.padEnd(10)}${BUDGETS.map((budget) => `${budget} %`.padStart(14)).join('')}`,
    ...rows,
    `oracle ${mean.toFixed(1)}`,
  ].join('\n');
}

/** Series by series at the targets that the means chose, so that no mean hides where roc is worse. */
function seriesTable(board: Board, budget: number): string {
  const ours = choice(board, 'roc', budget);
  const theirs = choice(board, HPA, budget);
  if (ours === undefined || theirs === undefined) return `no target keeps to ${budget} %`;
  const lines = board.courses.map(({ workload, oracle }, i) => {
    const [a, b] = [ours.scores[i], theirs.scores[i]];
    if (a === undefined || b === undefined) return '';
    const worse = a.violationsPct >= b.violationsPct && a.instanceHoursPerDay >= b.instanceHoursPerDay;
    const figures = [a, b].map((score) =>
      `${score.violationsPct.toFixed(2)} % ${score.instanceHoursPerDay.toFixed(1)} h`.padStart(16),
    );
    const limit = `${((24 * oracle.billedMinutes) / oracle.minutes).toFixed(1)} h`.padStart(9);
    return `${workload.name.padEnd(50)}${figures.join('')}${limit}${worse ? '  loses' : ''}`;
  });
  const title = `at ${budget} %: roc ${(100 * ours.target).toFixed(1)} %`;
  return [
    `${title.padEnd(50)}${'roc'.padStart(16)}${HPA.padStart(16)}${'oracle'.padStart(9)}`,
    ...lines,
  ].join('\n');
}

function print(text: string): void {
  process.stderr.write(`\n${text}\n`);
}
