/** What the commands print for people. Pure. */
import { formatDuration } from '../kernel/time.js';
import type {
  AssetState,
  DrillPlan,
  ListedPoint,
  RestoreResult,
  SweptThing,
  VerifyResult,
} from './answers.js';
import type { CheckResult } from './results.js';
import type { RunRow } from './runs.js';

type Column<Row> = {
  readonly title: string;
  readonly value: (row: Row) => string | number | null;
  readonly align?: 'left' | 'right';
  readonly shrink?: boolean;
};

export const checkColumns: readonly Column<CheckResult>[] = [
  { title: 'check', value: (row) => row.id },
  { title: 'verdict', value: (row) => row.verdict },
  { title: 'expected', value: (row) => row.expected, shrink: true },
  { title: 'actual', value: (row) => row.actual, shrink: true },
  { title: 'seconds', value: (row) => row.seconds.toFixed(1), align: 'right' },
];

export const pointColumns = (now: number): readonly Column<ListedPoint>[] => [
  { title: 'asset', value: (row) => row.asset },
  { title: 'kind', value: (row) => row.kind },
  { title: 'point', value: (row) => row.id },
  { title: 'age', value: (row) => formatDuration(Math.max(0, now - Date.parse(row.at))) },
  { title: 'status', value: (row) => row.status },
  { title: 'encrypted', value: (row) => (row.encrypted ? 'yes' : 'no') },
  { title: 'manifest', value: (row) => row.manifest ?? '-' },
];

export const runColumns: readonly Column<RunRow>[] = [
  { title: 'run', value: (row) => row.run },
  { title: 'asset', value: (row) => row.asset },
  { title: 'phase', value: (row) => row.phase },
  { title: 'verdict', value: (row) => row.verdict ?? '-' },
  { title: 'cleanup', value: (row) => row.cleanup ?? '-' },
];

export const sweepColumns: readonly Column<SweptThing>[] = [
  { title: 'type', value: (row) => row.type },
  { title: 'id', value: (row) => row.id },
  { title: 'expires', value: (row) => row.expires ?? '-' },
  { title: 'outcome', value: (row) => row.outcome },
  { title: 'why', value: (row) => row.why.join(', '), shrink: true },
];

export function planFields(plan: DrillPlan): [string, string][] {
  const { placement, cost, point } = plan;
  const price =
    cost.usd === null
      ? `not known: ${cost.why}`
      : `at most ${cost.usd} USD (${cost.why}; prices of ${cost.asOf})`;
  return [
    ['asset', `${plan.asset} (${plan.source})`],
    ['point', `${point.kind} ${point.id}, ${point.at}`],
    ['copy', `${placement.class}, ${placement.multiAz ? 'Multi-AZ' : 'Single-AZ'}`],
    ['network', `subnet group ${placement.subnetGroup}, ${placement.securityGroups.join(', ')}`],
    [
      'parameters',
      placement.copyParameterGroup === null
        ? (placement.parameterGroup ?? 'default')
        : `copy of ${placement.copyParameterGroup}`,
    ],
    ['price', `${price}; the policy allows ${cost.maxUsd} USD`],
    ['checks', plan.checks.map(({ id }) => id).join(', ')],
  ];
}

export function resultFields(result: VerifyResult): [string, string][] {
  const { rto, rpo, cleanup, evidence } = result;
  const time = (ms: number | null) => (ms === null ? '-' : formatDuration(ms));
  return [
    ['run', result.run],
    ['point', `${result.point.kind} ${result.point.id}, ${result.point.at}`],
    [
      'rto',
      `connect ${time(rto.connect)}, critical checks ${time(rto.critical)}, all read ${time(rto.full)}; target ${time(rto.target)}`,
    ],
    [
      'rpo',
      rpo === null
        ? '-'
        : `${time(rpo.measured)}${rpo.from === null ? '' : ` (${rpo.from})`}; target ${time(rpo.target)}`,
    ],
    ['cleanup', cleanup === null ? '-' : [cleanup.verdict, ...cleanup.leftovers].join(' ')],
    ['evidence', evidence?.file ?? '-'],
    ['verdict', result.verdict ?? `none yet: ${result.phase}`],
  ];
}

export function restoreFields(restored: RestoreResult): [string, string | undefined][] {
  const { rto, former, next, point } = restored;
  return [
    ['instance', restored.instance],
    ['endpoint', restored.endpoint ?? '-'],
    ['point', `${point.kind} ${point.id}, ${point.at}`],
    ['available after', formatDuration(rto.available)],
    ['cut over after', rto.cutOver === null ? undefined : formatDuration(rto.cutOver)],
    ['target', formatDuration(rto.target)],
    ['former', former ?? undefined],
    ...next.map((line, index): [string, string] => [index === 0 ? 'next' : '', line]),
  ];
}

/** What of an asset's backups is not as the policy wants it, and how it stands. */
export function stateLines(state: AssetState): string[] {
  const { asset, rpo, retention, copies, lastProved, window } = state;
  const gaps = rpo.gaps.map((gap) => `  gap of ${formatDuration(gap.ms)}: ${gap.from} to ${gap.to}`);
  return [
    '',
    `${asset}: ${state.exists ? state.source : `${state.source} (gone)`}`,
    `  point-in-time: ${window === null ? 'none' : `${window.from} to ${window.to}`}`,
    gaps.length === 0
      ? `  no gap over the RPO of ${formatDuration(rpo.targetMs)}`
      : `  gaps over the RPO of ${formatDuration(rpo.targetMs)}:`,
    ...gaps.slice(0, 10),
    `  retention: ${retention.verdict} (${retention.why})`,
    ...copies.map((copy) => `  copies in ${copy.region}: ${copy.verdict}, newest ${copy.newest ?? 'none'}`),
    `  last proved: ${lastProved === null ? 'never' : `${lastProved.at} by run ${lastProved.run}`}${state.isDue ? ', due' : ''}`,
  ];
}
