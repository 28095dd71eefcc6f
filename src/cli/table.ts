/** Tables for people, in one place. Rows come from pure functions; columns say how a row reads. */
import { getBorderCharacters, table } from 'table';
import { printableLine } from './printable.js';

export interface TableColumn<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null | undefined;
  readonly align?: 'left' | 'right';
}

export function printRows<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  empty: string,
): void {
  process.stdout.write(rows.length === 0 ? `${empty}\n` : formatRows(rows, columns));
}

/** Plain columns, two spaces between, no borders, so that `awk` and eyes both read them. */
export function formatRows<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[]): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const text = table([columns.map((column) => column.title.toUpperCase()), ...cells], {
    border: getBorderCharacters('void'),
    columnDefault: { paddingLeft: 0, paddingRight: 2 },
    columns: columns.map((column) => ({ alignment: column.align ?? 'left' })),
    drawHorizontalLine: () => false,
  });
  return text.replace(/ +$/gm, '');
}

function printable(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '-' : printableLine(String(value));
}
