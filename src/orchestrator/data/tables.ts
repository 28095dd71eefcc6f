/** The tables of a store as rows to copy and compare: their names, columns and keys, read from the database itself. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { Reader } from '../store/store.js';

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Of the primary key, in its order. */
  readonly key: readonly string[];
}

export type Row = Readonly<Record<string, unknown>>;

const FIRST_ROWS = 50;
const MOST_ROWS = 500;
/** Of text in one batch, about: a row may have megabytes, five hundred of them would not fit a small host. */
const BATCH_CHARACTERS = 8 * 1024 * 1024;

/** All of them but the history of the schema, which each database has of its own. */
export async function tablesOf({ db, dialect }: Reader): Promise<Table[]> {
  const names = (await db.introspection.getTables()).map(({ name }) => name).sort();
  const tables: Table[] = [];
  for (const name of names) {
    if (name === 'schema_migration') continue;
    const { rows } = await dialect.columnsOf(name).execute(db);
    const key = rows.filter(({ position }) => Number(position) > 0);
    key.sort((a, b) => Number(a.position) - Number(b.position));
    tables.push({ name, columns: rows.map((row) => row.name), key: key.map((row) => row.name) });
  }
  return tables;
}

/** Every row in the order of the key, in batches that cost the same wherever they begin. */
export async function* batchesOf(
  { db }: Pick<Reader, 'db'>,
  { name, columns, key }: Table,
): AsyncGenerator<readonly Row[], void, undefined> {
  const list = (names: readonly string[]) => sql.join(names.map((column) => sql.ref(column)));
  let last: Row | undefined;
  for (let limit = FIRST_ROWS; ; ) {
    const after =
      last === undefined
        ? sql``
        : sql`where (${list(key)}) > (${sql.join(key.map((column) => last?.[column]))})`;
    const query = sql<Row>`select ${list(columns)} from ${sql.table(name)} ${after}
      order by ${list(key)} limit ${limit}`;
    const { rows } = await query.execute(db);
    if (rows.length > 0) yield rows;
    last = rows.at(-1);
    if (rows.length < limit) return;
    const average = rows.reduce((sum, row) => sum + charactersOf(row), 0) / rows.length;
    limit = Math.max(1, Math.min(MOST_ROWS, Math.floor(BATCH_CHARACTERS / Math.max(1, average))));
  }
}

/** Of the texts of a row. */
export function charactersOf(row: Row): number {
  return Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 0),
    0,
  );
}

export interface TableDigest {
  readonly rows: number;
  /** SHA-256 over the rows as canonical JSON in the order of the key, lower-case hex. */
  readonly sha256: string;
}

export async function digestOf(reader: Pick<Reader, 'db'>, table: Table): Promise<TableDigest> {
  const hash = createHash('sha256');
  let rows = 0;
  for await (const batch of batchesOf(reader, table)) {
    rows += batch.length;
    for (const row of batch) hash.update(`${canonicalJson(plain(row))}\n`);
  }
  return { rows, sha256: hash.digest('hex') };
}

/** Numbers alike, whichever driver read them: one gives a BIGINT as a number, the other as text or bigint. */
function plain(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'bigint' || typeof value === 'number' ? String(value) : value,
    ]),
  );
}
