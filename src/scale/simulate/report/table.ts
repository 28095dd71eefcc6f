/** Rows of the tables that people read. */
import type { Series, SeriesFacts } from '../series/series.js';
import type { Simulation } from '../simulate.js';
import type { Frontier, Suggestion } from '../tune/suggest.js';
import type { Means } from '../tune/sweep.js';

/** Columns by key. */
export type FactRow = Readonly<Record<string, string>>;

/** Every series with every policy and the oracle, then the means. */
export function resultRows(simulation: Simulation): FactRow[] {
  const rows = simulation.series.flatMap(({ name, results, oracle, verdicts }) =>
    [...results, oracle].map((score) => ({
      ...rowOf(name, score),
      timesOracle: `×${score.timesOracle.toFixed(2)}`,
      verdict: verdicts.find(({ against }) => against === score.policy)?.verdict ?? '',
    })),
  );
  if (simulation.series.length < 2) return rows;
  const means = simulation.means.map((mean) => ({
    ...rowOf('mean of all', mean),
    timesOracle: '',
    verdict: '',
  }));
  return [...rows, ...means];
}

function rowOf(series: string, score: Means & { readonly policy: string }) {
  return {
    series,
    policy: score.policy,
    violations: score.violationsPct.toFixed(3),
    avoidable: score.avoidablePct.toFixed(3),
    hours: score.instanceHoursPerDay.toFixed(1),
    actions: score.actionsPerDay.toFixed(1),
    flaps: score.flapsPerDay.toFixed(2),
    cost: score.costUsdPerDay.toFixed(2),
  };
}

/** What was found in the data and done about it; nothing for a series that is whole. */
export function dataLines(series: readonly Series[]): string[] {
  return series.flatMap((one) => factLines(one).map((line) => `${one.name}: ${line}`));
}

export function factLines({
  facts,
  notes = [],
}: {
  readonly facts: SeriesFacts;
  readonly notes?: readonly string[];
}): string[] {
  const told = [
    ...notes,
    facts.imputedMinutes > 0 &&
      `${facts.imputedMinutes} minutes (${facts.imputedPct.toFixed(2)} %) have no value of their own: the last one was held (longest gap ${facts.longestGapMinutes} min)`,
    facts.emptyRows > 0 && `${facts.emptyRows} rows hold no value`,
    facts.duplicates > 0 && `${facts.duplicates} times appear twice: the greater value counts`,
    facts.outOfOrder > 0 && `${facts.outOfOrder} rows were out of order`,
    facts.zeroPct >= 1 &&
      facts.zeroPct <= 50 &&
      `${facts.zeroPct.toFixed(0)} % of its rows are exactly 0; if that means "no data", say --zeros missing`,
  ];
  return told.filter((line): line is string => line !== false);
}

/** Where the first policy is worse than a baseline, so that no mean hides it. */
export function lossLines({ series, means }: Simulation): string[] {
  const [first] = means;
  const lost = series.flatMap(({ name, verdicts }) => {
    const against = verdicts.filter(({ verdict }) => verdict === 'loses').map((one) => one.against);
    return against.length === 0 ? [] : [`${name}: against ${against.join(', ')}`];
  });
  if (first === undefined || lost.length === 0) return [];
  return [
    `${first.policy} loses (no better in violations nor in hours) on ${lost.length} of ${series.length} series:`,
    ...lost.map((line) => `  ${line}`),
  ];
}

/** A column for each budget, named by it. */
export function frontierRows(frontiers: readonly Frontier[]): FactRow[] {
  return frontiers.map(({ name, cells }) => {
    const hours = cells.map(({ budgetPct, instanceHoursPerDay, isUpperBound }) => [
      `${budgetPct} %`,
      instanceHoursPerDay === null ? 'never' : `${instanceHoursPerDay.toFixed(1)}${isUpperBound ? '*' : ''}`,
    ]);
    return { name, ...Object.fromEntries(hours) };
  });
}

export function choiceRows({ choices }: Suggestion): FactRow[] {
  return choices.map(({ name, family, target, trained, heldOut, tried }) => ({
    name,
    choice:
      family === null || target === null
        ? `none of ${tried} keeps to it`
        : `${family}, target ${(100 * target).toFixed(1)} %`,
    trained:
      trained === null
        ? ''
        : `${trained.avoidablePct.toFixed(2)} % ${trained.instanceHoursPerDay.toFixed(1)} h`,
    heldOut: heldOut === null ? '' : `${heldOut.avoidablePct.toFixed(2)} %`,
    hours: heldOut === null ? '' : heldOut.instanceHoursPerDay.toFixed(1),
    flaps: heldOut === null ? '' : heldOut.flapsPerDay.toFixed(2),
  }));
}

/** What to write into each policy to have what was chosen. */
export function settingLines(suggestion: Suggestion | null): string[] {
  return (suggestion?.choices ?? []).flatMap(({ name, settings }) => {
    if (settings === null) return [];
    const keys = Object.entries(settings).map(([key, value]) => `${key}: ${value}`);
    return [`Suggested for ${name}: ${keys.join(', ')}`];
  });
}
