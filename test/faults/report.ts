/** The counts of many runs as one table a person reads, in Markdown: a row a fault, its seeds added up. Pure. */
import { percentile } from '../bench/bench-row.js';
import type { Outcome } from './play.js';
import type { Scenario } from './scenario.js';

export interface Run {
  readonly scenario: Pick<Scenario, 'name' | 'recovery'>;
  readonly seed: number;
  readonly outcome: Outcome;
  /** Of the whole run, from an empty machine to a verdict. */
  readonly tookMs: number;
}

const HEAD = [
  ...['fault', 'seeds', 'accepted', 'lost', 'ended other than once', 'repeated', 'unexplained'],
  ...['failed attempts', 'deadlocks', 'requests made again', 'longest overlap', 'settled within'],
];
const RECOVERY_HEAD = ['fault', 'recovery: the time until', 'measured', 'p50', 'longest'];

/** Two tables: what became of the jobs, and how long each recovery took. */
export function faultTables(runs: readonly Run[]): string {
  const names = [...new Set(runs.map(({ scenario }) => scenario.name))];
  const groups = names.map((name) => runs.filter(({ scenario }) => scenario.name === name));
  const recovered = groups.filter((group) => recoveriesOf(group).length > 0);
  return [table(HEAD, groups.map(countsOf)), table(RECOVERY_HEAD, recovered.map(recoveryOf))].join('\n');
}

function countsOf(group: readonly Run[]): string[] {
  const outcomes = group.map(({ outcome }) => outcome);
  const sum = (count: (outcome: Outcome) => number) =>
    String(outcomes.reduce((total, outcome) => total + count(outcome), 0));
  const most = (value: (outcome: Outcome) => number) => Math.max(...outcomes.map(value));
  return [
    group[0]?.scenario.name ?? '',
    group.map(({ seed }) => seed).join(', '),
    sum(({ accepted }) => accepted),
    sum(({ lost }) => lost.length),
    sum(({ notOnce }) => notOnce.length),
    sum(({ repeated }) => repeated.length),
    sum(({ unexplained }) => unexplained.length),
    sum(({ failedAttempts }) => failedAttempts),
    sum(({ deadlocks }) => deadlocks),
    sum(({ refused }) => refused),
    `${Math.round(most(({ overlapMs }) => overlapMs))} ms`,
    seconds(most(({ settledMs }) => settledMs)),
  ];
}

function recoveryOf(group: readonly Run[]): string[] {
  const all = recoveriesOf(group);
  const { name, recovery } = group[0]?.scenario ?? { name: '', recovery: '' };
  return [name, recovery, String(all.length), seconds(percentile(all, 50)), seconds(Math.max(...all))];
}

function recoveriesOf(group: readonly Run[]): number[] {
  return group.flatMap(({ outcome }) => outcome.recoveries);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
