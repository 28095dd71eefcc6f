/** Decision tables as data, and what follows when some of their inputs are not known. */
import type { Action } from '../model.js';

export interface TableRow {
  readonly row: number;
  readonly values: readonly string[];
  readonly outcome: string;
  readonly action: Action;
  readonly days: number | null;
  /** The row in words, made once. */
  readonly text: string;
}

export interface DecisionTable {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly rows: readonly TableRow[];
}

export type TableVerdict =
  | { readonly decided: true; readonly row: TableRow; readonly certain: boolean }
  | { readonly decided: false; readonly missing: readonly string[] };

/** The shape that the shipped YAML has, without its schema's types. */
export interface TableSource {
  readonly name: string;
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  readonly outcomes: Readonly<Record<string, { readonly action: Action; readonly days: number | null }>>;
  readonly rows: readonly ({ readonly row: number; readonly outcome: string } & Readonly<
    Record<string, string | number>
  >)[];
}

export function buildTable(source: TableSource): DecisionTable {
  const inputs = Object.keys(source.inputs);
  const rows = source.rows.map((row): TableRow => {
    const outcome = source.outcomes[row.outcome];
    if (outcome === undefined) throw new TypeError(`table ${source.name}: outcome ${row.outcome}`);
    const values = inputs.map((name) => String(row[name]));
    const words = inputs.map((name, i) => `${name}=${values[i]}`).join(', ');
    return {
      row: row.row,
      values,
      // ASCII: a wider character would make every text that quotes the row twice as large while it is built.
      text: `${source.name} row ${row.row}: ${words} -> ${row.outcome}`,
      outcome: row.outcome,
      action: outcome.action,
      days: outcome.days,
    };
  });
  return { name: source.name, inputs, rows };
}

/**
 * Looks the inputs up. A missing input (null) leaves several rows; where all of them say the same, that is
 * the decision all the same, else the inputs that are missing are named and nothing is decided.
 */
export function lookUp(table: DecisionTable, values: readonly (string | null)[]): TableVerdict {
  let first: TableRow | undefined;
  let certain = true;
  for (const row of table.rows) {
    if (!fits(row, values)) continue;
    if (first === undefined) first = row;
    else if (row.outcome === first.outcome) certain = false;
    else return { decided: false, missing: table.inputs.filter((_, i) => values[i] === null) };
  }
  if (first === undefined) throw new TypeError(`table ${table.name} has no row for ${values.join(', ')}`);
  return { decided: true, row: first, certain };
}

function fits(row: TableRow, values: readonly (string | null)[]): boolean {
  for (let i = 0; i < row.values.length; i++) {
    const value = values[i];
    if (value !== null && value !== row.values[i]) return false;
  }
  return true;
}
