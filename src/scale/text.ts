/** What `roc scale` says to people. */
import type { Plan } from './plan.js';
import type { Report } from './tick.js';
import type { WatchEvent } from './watch.js';

/** A column of a table, and a named value, as the command line prints them. */
interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'right';
  readonly shrink?: boolean;
}

type Field = readonly [string, string | undefined];

export function planFields(plan: Plan): readonly Field[] {
  const change =
    plan.desired === plan.current
      ? `${plan.current}, stays`
      : `${plan.current} → ${plan.desired} (scale ${plan.action})`;
  return [
    ['group', plan.group],
    ['instances', change],
    ['why', plan.reasons.join('; ')],
    ['plan', plan.desired === plan.current ? undefined : `${plan.plan}, until ${plan.expiresAt}`],
    ['begun', plan.begun ?? undefined],
    ['controller', plan.holder === null ? 'nobody watches' : `${plan.holder} watches and acts by itself`],
  ];
}

export const railColumns: readonly Column<Plan['rails'][number]>[] = [
  { title: 'rail', value: (rail) => rail.id },
  { title: 'changes it', value: (rail) => (rail.applied ? 'yes' : '') },
  { title: 'why', value: (rail) => rail.why, shrink: true },
];

export const dataColumns: readonly Column<Plan['data'][number]>[] = [
  { title: 'data', value: (row) => row.metric },
  {
    title: 'age',
    value: (row) => (row.ageSeconds === null ? '' : `${row.ageSeconds} s`),
    align: 'right',
  },
  { title: 'verdict', value: (row) => row.verdict },
];

/** One line for each event, for what is no terminal. */
export function eventLine(event: WatchEvent): string {
  if (event.event === 'start')
    return `${event.at} watches ${event.group} every ${event.pollSeconds} s; CloudWatch costs about $${event.cost.usd.toFixed(2)} a month (${event.cost.how})`;
  if (event.event === 'end') return `${event.at} ${event.says}`;
  return `${event.at} ${event.role}: ${event.did === 'nothing' ? '' : `${event.did}: `}${event.says}`;
}

/** A screen of the newest look, with the changes of late beneath. */
export function watchScreen(
  start: WatchEvent | undefined,
  report: Report,
  changes: readonly Report[],
): string[] {
  const { figures, current, desired } = report;
  const size =
    current === null ? 'not known' : current === desired ? `${current}` : `${current} → ${desired}`;
  return [
    `${report.group}  ${size} instances  ${report.role}${report.fence === null ? '' : ` (fence ${report.fence})`}`,
    `${report.at}  ${report.says}`,
    ...(figures === null
      ? []
      : [
          `needed now ${figures.need ?? '?'}, over the window ${figures.windowNeed ?? '?'}${figures.forecastNeed === null ? '' : `, forecast ${figures.forecastNeed}`}`,
        ]),
    ...report.rails.filter(({ applied }) => applied).map(({ id, why }) => `  ${id}: ${why}`),
    ...report.data
      .filter(({ verdict }) => verdict !== 'fresh' && verdict !== 'not-read')
      .map(({ metric, verdict }) => `  ${metric}: ${verdict}`),
    '',
    ...changes.slice(-8).map(eventLine),
    ...(start === undefined ? [] : ['', eventLine(start), 'Ctrl-C ends it and frees the lease.']),
  ];
}
