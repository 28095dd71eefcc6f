/** What `roc scale simulate` prints: charts, tables, and where the policy loses. */
import type { FleetModel } from '../fleet/model.js';
import type { Pictured } from '../simulate.js';
import type { SimulationReport } from '../simulate-files.js';
import type { Frontier } from '../tune/suggest.js';
import { capacityChart } from './chart.js';
import { choiceRows, type FactRow, frontierRows, lossLines, resultRows, settingLines } from './table.js';

export interface ScreenTable {
  readonly title: string;
  readonly rows: readonly FactRow[];
  readonly columns: readonly {
    readonly title: string;
    readonly value: (row: FactRow) => string | undefined;
    readonly align?: 'right';
    readonly shrink?: true;
  }[];
}

/** The chart of the first policy, or baseline where there is none. */
export function chartText(
  picture: Pictured,
  fleet: FleetModel,
  style: { readonly width: number; readonly isUnicode: boolean; readonly isColoured: boolean },
): string {
  const policy = picture.traces[0]?.policy;
  if (policy === undefined) return '';
  const lines = capacityChart(picture, policy, fleet, {
    width: Math.min(style.width, 120),
    unicode: style.isUnicode,
    colour: style.isColoured,
  });
  return `${lines.join('\n')}\n`;
}

export function screenTables(report: SimulationReport): ScreenTable[] {
  const tables = [table('', resultRows(report), RESULTS)];
  if (report.frontier !== null)
    tables.push(
      table(
        `Instance-hours a day for avoidable violations of so much, each with ${report.frontier[0]?.tried ?? 0} settings (* every setting kept to it):`,
        frontierRows(report.frontier),
        { name: 'contender', ...Object.fromEntries(budgetsOf(report.frontier).map((text) => [text, text])) },
      ),
    );
  if (report.suggestion !== null)
    tables.push(
      table(
        `Tuned on the first ${report.suggestion.trainedOnPct} % for at most ${report.suggestion.budgetPct} % avoidable violations, shown on the rest:`,
        choiceRows(report.suggestion),
        {
          name: 'contender',
          choice: 'chosen',
          trained: 'first part',
          heldOut: 'avoidable',
          hours: 'inst-h/day',
          flaps: 'flaps/day',
        },
      ),
    );
  return tables;
}

const RESULTS = {
  series: 'series',
  policy: 'policy',
  violations: 'viol %',
  avoidable: 'avoidable %',
  hours: 'inst-h/day',
  timesOracle: 'oracle',
  actions: 'changes/day',
  flaps: 'flaps/day',
  cost: '$/day',
  verdict: 'verdict',
};

const WORDS = ['series', 'policy', 'name', 'choice', 'verdict'];

export function closingLines(report: SimulationReport): string[] {
  return [
    ...settingLines(report.suggestion),
    ...lossLines(report),
    `Verdicts are of ${report.policies[0]?.name ?? 'the first policy'} beside that row: it wins, loses, or trades violations for hours.`,
    'Baselines are emulations of documented behaviour, not the services; the oracle knows the future.',
  ];
}

function budgetsOf(frontiers: readonly Frontier[]): string[] {
  return (frontiers[0]?.cells ?? []).map(({ budgetPct }) => `${budgetPct} %`);
}

function table(
  title: string,
  rows: readonly FactRow[],
  titles: Readonly<Record<string, string>>,
): ScreenTable {
  const columns = Object.entries(titles).map(([key, name]) => ({
    title: name,
    value: (row: FactRow) => row[key],
    ...(WORDS.includes(key) ? {} : { align: 'right' as const }),
    ...(key === 'series' ? { shrink: true as const } : {}),
  }));
  return { title, rows, columns };
}
