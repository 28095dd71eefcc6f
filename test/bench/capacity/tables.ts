/** The rows of this benchmark as the Markdown tables of docs/capacity.md, to be pasted as they are. Pure. */
import type { BenchRow } from '../bench-row.js';

export function asTables(rows: readonly BenchRow[]): string {
  const byCase = new Map(rows.map((row) => [row.case, row]));
  const told = (name: string) => {
    const row = byCase.get(name);
    return row === undefined ? '-' : figure(row.value, row.unit);
  };
  return [
    section('What a job costs', ['', 'node', 'database'], costLines(rows, told)),
    section('Round trips to the database', ['', 'alone', 'each further one at once'], tripLines(rows, told)),
    section(
      'Predicted and measured',
      ['load', '', 'predicted', 'measured', 'ratio'],
      under(rows, 'predicted: ').map(({ name, row }) => {
        const at = name.indexOf(', ', name.startsWith('queue') ? name.indexOf('batch') : 0);
        const { value, unit, againstValue, ratio } = row;
        const measured = againstValue === null ? '-' : figure(againstValue, unit);
        return [name.slice(0, at), name.slice(at + 2), figure(value, unit), measured, `${ratio ?? '-'}`];
      }),
    ),
    section(
      'What the production topologies carry',
      ['assumed topology', ...CARRIED.map(([title]) => title)],
      under(rows, 'assumed: ')
        .filter(({ name }) => name.endsWith(': highest rate'))
        .map(({ name }) => name.slice(0, -': highest rate'.length))
        .map((name) => [name, ...CARRIED.map(([, what]) => told(`assumed: ${name}: ${what}`))]),
    ),
    section(
      '10,000 runners and 10 million jobs a day',
      ['in the busiest second', ''],
      under(rows, `assumed: ${TEN}: `).map(({ name, row }) => [
        name.replace(' in the busiest second', ''),
        figure(row.value, row.unit),
      ]),
    ),
    section(
      'Beside them',
      ['', ''],
      rows
        .filter(({ case: name }) => /log on this disk|for ever|full credits|largest error|^share/.test(name))
        .map((row) => [row.case, figure(row.value, row.unit)]),
    ),
  ].join('\n');
}

const TEN = '10,000 runners, 10 million jobs a day';
const CARRIED = [
  ['highest rate', 'highest rate'],
  ['node thread busy', 'node thread busy then'],
  ['database processors busy', 'database processors busy then'],
  ['log writes', 'log writes then'],
  ['enqueue to claim, p99', 'enqueue to claim then, p99'],
] as const;

type Told = (name: string) => string;

function costLines(rows: readonly BenchRow[], told: Told): string[][] {
  return under(rows, '')
    .filter(({ name }) => name.endsWith(', node'))
    .map(({ name }) => name.slice(0, -', node'.length))
    .map((name) => [name, told(`${name}, node`), told(`${name}, database`)]);
}

function tripLines(rows: readonly BenchRow[], told: Told): string[][] {
  return under(rows, 'round trips: ')
    .filter(({ name }) => name.endsWith(', alone'))
    .map(({ name }) => name.slice(0, -', alone'.length))
    .map((name) => [
      name,
      ...['alone', 'each further one'].map((when) => told(`round trips: ${name}, ${when}`)),
    ]);
}

function under(
  rows: readonly BenchRow[],
  start: string,
): { readonly name: string; readonly row: BenchRow }[] {
  return rows
    .filter((row) => row.case.startsWith(start))
    .map((row) => ({ name: row.case.slice(start.length), row }));
}

function figure(value: number, unit: string): string {
  const text =
    value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
  return unit === '1/s' ? `${text} a second` : `${text} ${unit}`;
}

function section(title: string, head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
  const all = [line(head), `|${'---|'.repeat(head.length)}`, ...lines.map(line)];
  return `## ${title}\n\n${all.join('\n')}\n`;
}
