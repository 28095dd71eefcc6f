/** Tables of the page. */
import { escapeHtml } from '../../../kernel/html-text.js';
import type { SimulatedSeries } from '../simulate.js';
import type { SimulationReport } from '../simulate-files.js';
import type { Suggestion } from '../tune/suggest.js';
import type { Means } from '../tune/sweep.js';
import { choiceRows, settingLines } from './table.js';

const HEAD = [
  'Policy',
  'Above SLO',
  'Avoidable',
  'Instance-h/day',
  '× oracle',
  'Changes/day',
  'Flaps/day',
  '$/day',
];

export function scoreTable({ results, oracle, verdicts }: SimulatedSeries): string {
  const rows = results.map((score, i) => {
    const verdict = verdicts.find(({ against }) => against === score.policy)?.verdict;
    const cells = [
      ...figures(score, score.timesOracle),
      verdict === undefined ? '' : `<span class="${verdict}">${verdict}</span>`,
    ];
    return row(score.policy, cells, i === 0 ? 'ours' : '');
  });
  const head = verdicts.length === 0 ? HEAD : [...HEAD, 'Verdict'];
  return table(head, [...rows, row('oracle', [...figures(oracle, 1), ''], 'limit')]);
}

export function meansTable({ means }: SimulationReport): string {
  const limit = means.find(({ policy }) => policy === 'oracle')?.instanceHoursPerDay ?? Number.NaN;
  return table(
    HEAD,
    means.map((mean, i) =>
      row(
        mean.policy,
        figures(mean, mean.instanceHoursPerDay / limit),
        mean.policy === 'oracle' ? 'limit' : i === 0 ? 'ours' : '',
      ),
    ),
  );
}

export function suggestionTable(suggestion: Suggestion): string {
  const rows = choiceRows(suggestion).map((choice, i) =>
    row(
      choice['name'] ?? '',
      ['choice', 'trained', 'heldOut', 'hours', 'flaps'].map((key) => escapeHtml(choice[key] ?? '')),
      i === 0 ? 'ours' : '',
    ),
  );
  return [
    `<h2>Tuned on the first ${suggestion.trainedOnPct.toFixed(0)} %, shown on the rest</h2>`,
    `<p class="soft">The cheapest of ${suggestion.choices[0]?.tried ?? 0} settings of each contender with at most ${suggestion.budgetPct} % avoidable violations in the first part; the last three columns are days that the choice had not seen.</p>`,
    table(['Contender', 'Chosen', 'First part', 'Avoidable', 'Instance-h/day', 'Flaps/day'], rows),
    ...settingLines(suggestion).map((line) => `<p><b>${escapeHtml(line)}</b></p>`),
  ].join('');
}

function figures(score: Means, timesOracle: number): string[] {
  return [
    `${score.violationsPct.toFixed(3)} %`,
    `${score.avoidablePct.toFixed(3)} %`,
    score.instanceHoursPerDay.toFixed(1),
    timesOracle.toFixed(2),
    score.actionsPerDay.toFixed(1),
    score.flapsPerDay.toFixed(2),
    score.costUsdPerDay.toFixed(2),
  ];
}

function row(name: string, cells: readonly string[], tone: string): string {
  return `<tr class="${tone}"><td>${escapeHtml(name)}</td>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  return `<div class="wrap"><table><thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
