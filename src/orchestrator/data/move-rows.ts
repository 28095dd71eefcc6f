/** Copies every row of one store to another and proves it by counts and digests; going on where a former move stopped. */
import { sql } from 'kysely';
import { RocError } from '../../kernel/errors.js';
import type { Store } from '../store/store.js';
import { batchesOf, charactersOf, digestOf, type Row, type Table, tablesOf } from './tables.js';

export interface MovedTable {
  readonly table: string;
  readonly rows: number;
  /** Of the rows on both sides. */
  readonly sha256: string;
}

/**
 * Rows that are there already stay: what differs at the end is told, never overwritten.
 * @throws RocError ROC_CONFLICT where the target holds rows of another installation, ROC_CHECK_FAILED where a table differs
 */
export async function moveRows(
  from: Store,
  to: Store,
  onTable: (table: string) => void = () => {},
): Promise<MovedTable[]> {
  await refuseForeign(from, to);
  const moved: MovedTable[] = [];
  for (const table of await tablesOf(from)) {
    onTable(table.name);
    for await (const rows of batchesOf(from, table))
      for (const some of inStatements(rows)) await copy(to, table, some);
    moved.push({ table: table.name, ...(await compare(from, to, table)) });
  }
  return moved;
}

async function refuseForeign(from: Store, to: Store): Promise<void> {
  const ids = async ({ db }: Store) =>
    (await db.selectFrom('tenant').select('id').execute()).map(({ id }) => id);
  const known = new Set(await ids(from));
  if ((await ids(to)).every((id) => known.has(id))) return;
  throw new RocError('ROC_CONFLICT', 'the target database holds tenants that the source does not have', {
    hint: 'Move into an empty database; a move that was cut off may be run again.',
  });
}

/** Characters of text in one statement: the least that a server takes in a packet by default is 16 MiB. */
const STATEMENT_CHARACTERS = 2 * 1024 * 1024;

/** Rows in their order, as many together as one statement may carry; one alone that is larger. */
function inStatements(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [];
  let room = 0;
  for (const row of rows) {
    const size = charactersOf(row);
    if (groups.length === 0 || size > room) {
      groups.push([]);
      room = STATEMENT_CHARACTERS;
    }
    room -= size;
    groups.at(-1)?.push(row);
  }
  return groups;
}

async function copy(to: Store, { name, columns }: Table, rows: readonly Row[]): Promise<void> {
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
  const list = sql.join(columns.map((column) => sql.ref(column)));
  await to.transaction((tx) =>
    sql`${tx.dialect.insertMissing} into ${sql.table(name)} (${list}) values ${sql.join(values)}`.execute(
      tx.db,
    ),
  );
}

async function compare(from: Store, to: Store, table: Table): Promise<Omit<MovedTable, 'table'>> {
  const [source, target] = [await digestOf(from, table), await digestOf(to, table)];
  if (source.sha256 === target.sha256) return source;
  throw new RocError('ROC_CHECK_FAILED', `table ${table.name} differs after the move`, {
    hint: `The source has ${source.rows} rows, the target ${target.rows}. Empty the target database and move again.`,
  });
}
