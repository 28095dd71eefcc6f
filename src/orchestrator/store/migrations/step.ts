/** What a migration is made of. Columns are SQL that both engines read; what differs is the dialect's. */

export type Step =
  | { readonly kind: 'table'; readonly table: string; readonly columns: string }
  | {
      readonly kind: 'index';
      readonly table: string;
      /** The table's name is put before it. */
      readonly index: string;
      readonly columns: readonly string[];
      readonly unique: boolean;
    }
  /** A column that an older table gets; `definition` has a default where it is not null. */
  | {
      readonly kind: 'column';
      readonly table: string;
      readonly column: string;
      readonly definition: string;
    }
  /** Rows made from other rows. It may be run again after a crash: it adds only what is not there. */
  | { readonly kind: 'fill'; readonly statement: string };

/**
 * While nodes are replaced one by one, two versions of roc work on one schema: a migration adds only what the code
 * before it need not know. What that code used may be taken away by a later one, once nobody runs it any more: such a
 * `contract` migration shuts out every roc that does not know it.
 */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly steps: readonly Step[];
  readonly contract?: true;
}

export function table(name: string, columns: string): Step {
  return { kind: 'table', table: name, columns };
}

/** All columns ascend: MySQL serves an ORDER BY from an index only where the directions agree. */
export function index(on: string, name: string, columns: readonly string[]): Step {
  return { kind: 'index', table: on, index: name, columns, unique: false };
}

export function unique(on: string, name: string, columns: readonly string[]): Step {
  return { kind: 'index', table: on, index: name, columns, unique: true };
}

export function column(on: string, name: string, definition: string): Step {
  return { kind: 'column', table: on, column: name, definition };
}

export function fill(statement: string): Step {
  return { kind: 'fill', statement };
}
