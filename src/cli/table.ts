/** Tables for people, in one place. Rows come from pure functions; columns say how a row reads. */
import { getBorderCharacters, table } from 'table';
import { displayWidth, truncate } from './display-width.js';
import { printableValue } from './printable.js';

export interface TableColumn<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null | undefined;
  readonly align?: 'left' | 'right';
  /** May be cut where the table is wider than the terminal; names that people copy stay whole. */
  readonly shrink?: boolean;
}

const GAP = 2;
const SHORTEST = 8;

export function printRows<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  empty: string,
): void {
  // Only a terminal has an edge; what is piped into a program stays whole.
  const width = process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
  process.stdout.write(rows.length === 0 ? `${empty}\n` : formatRows(rows, columns, width));
}

/** Plain columns, two spaces between, no borders, so that `awk` and eyes both read them. */
export function formatRows<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  width = Number.POSITIVE_INFINITY,
): string {
  const head = columns.map((column) => column.title.toUpperCase());
  const cells = [head, ...rows.map((row) => columns.map((column) => printableValue(column.value(row))))];
  const widths = fitWidths(cells, columns, width);
  const fitted = cells.map((line) => line.map((cell, i) => truncate(cell, widths[i] ?? cell.length)));
  const text = table(fitted, {
    border: getBorderCharacters('void'),
    columnDefault: { paddingLeft: 0, paddingRight: GAP },
    columns: columns.map((column) => ({ alignment: column.align ?? 'left' })),
    drawHorizontalLine: () => false,
  });
  return text.replace(/ +$/gm, '');
}

// The widest column that may shrink gives way first, one column at a time, so that none is cut for another.
function fitWidths(
  cells: readonly (readonly string[])[],
  columns: readonly { readonly shrink?: boolean }[],
  width: number,
): number[] {
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => displayWidth(line[i] ?? ''))));
  let excess = widths.reduce((sum, w) => sum + w + GAP, -GAP) - width;
  while (excess > 0) {
    const widest = Math.max(...widths.filter((w, i) => columns[i]?.shrink === true && w > SHORTEST));
    const index = widths.findIndex((w, i) => w === widest && columns[i]?.shrink === true);
    if (index < 0) break;
    widths[index] = widest - 1;
    excess -= 1;
  }
  return widths;
}
