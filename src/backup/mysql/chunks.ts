/** Cuts a table into chunks along its primary key, and has the server count and hash one. */
import { RocError } from '../../kernel/errors.js';
import type { SqlConnection } from '../ports.js';
import type { Column, Table } from './catalog.js';
import { quoteName, quoteTable } from './identifier.js';
import { chunkKey, type Key, type KeyRange, keyExpressions, rangeCondition } from './key.js';
import { rowExpression } from './row-encoding.js';

/** What the hashes of a chunk's rows are folded with: equal rows would cancel in an XOR. */
export type Fold = 'xor' | 'sum';

export interface ChunkDigest {
  readonly rows: number;
  /** `xor`: 16 hex digits; `sum`: decimal. Over the first 64 bits of each row's SHA-256. */
  readonly digest: string;
}

/** Without a primary key two rows may be the same. */
export function foldOf(table: Table): Fold {
  return table.primaryKey.length > 0 ? 'xor' : 'sum';
}

/** Ranges of about `chunkRows` rows in key order, each as soon as its border is found; the last is open. */
export async function* planChunks(
  use: <T>(work: (sql: SqlConnection) => Promise<T>) => Promise<T>,
  table: Table,
  chunkRows: number,
): AsyncGenerator<KeyRange, void, undefined> {
  const key = chunkKey(table);
  let after: Key | null = null;
  while (key.length > 0) {
    const from: Key | null = after;
    const upTo: Key | null = await use((sql) => nextBorder(sql, table, key, from, chunkRows));
    if (upTo === null) break;
    yield { after, upTo };
    after = upTo;
  }
  yield { after, upTo: null };
}

/** The greatest key of a table; null where it is empty or cannot be cut. */
export async function lastKey(sql: SqlConnection, table: Table): Promise<Key | null> {
  const key = chunkKey(table);
  if (key.length === 0) return null;
  const order = key.map((column) => `${quoteName(column.name)} DESC`).join(', ');
  return readKey(sql, key, `FROM ${quoteTable(table)} FORCE INDEX (PRIMARY) ORDER BY ${order} LIMIT 1`);
}

/**
 * Count and digest of a range in one pass over the clustered index.
 * @throws RocError ROC_CHECK_FAILED where the server could not hash every row as it is
 */
export async function digestChunk(sql: SqlConnection, table: Table, range: KeyRange): Promise<ChunkDigest> {
  const [row] = await sql.query(digestStatement(table, range));
  await refuseWarnings(sql, table);
  return { rows: Number(row?.['n'] ?? 0), digest: String(row?.['digest'] ?? '') };
}

export function digestStatement(table: Table, range: KeyRange): string {
  // CONV reads hex as 64 bits without a sign.
  const hash = `CAST(CONV(LEFT(SHA2(${rowExpression(table.columns)}, 256), 16), 16, 10) AS UNSIGNED)`;
  const folded =
    foldOf(table) === 'xor'
      ? `LPAD(LOWER(HEX(BIT_XOR(${hash}))), 16, '0')`
      : `COALESCE(CAST(SUM(${hash}) AS CHAR), '0')`;
  return `SELECT COUNT(*) AS n, ${folded} AS digest ${source(table, range)}`;
}

/** The rows of a range by the clustered index, which reads every page of it: a secondary one would be cheaper. */
export async function countRows(sql: SqlConnection, table: Table, range: KeyRange): Promise<number> {
  const [row] = await sql.query(`SELECT COUNT(*) AS n ${source(table, range)}`);
  return Number(row?.['n'] ?? 0);
}

function source(table: Table, range: KeyRange): string {
  const index = table.primaryKey.length > 0 ? ' FORCE INDEX (PRIMARY)' : '';
  return `FROM ${quoteTable(table)}${index} WHERE ${rangeCondition(chunkKey(table), range)}`;
}

function nextBorder(
  sql: SqlConnection,
  table: Table,
  key: readonly Column[],
  after: Key | null,
  chunkRows: number,
): Promise<Key | null> {
  const order = key.map((column) => quoteName(column.name)).join(', ');
  const where = rangeCondition(key, { after, upTo: null });
  return readKey(
    sql,
    key,
    `FROM ${quoteTable(table)} FORCE INDEX (PRIMARY) WHERE ${where} ORDER BY ${order} LIMIT 1 OFFSET ${chunkRows - 1}`,
  );
}

async function readKey(sql: SqlConnection, key: readonly Column[], from: string): Promise<Key | null> {
  const parts = keyExpressions(key).map((expression, i) => `${expression} AS k${i}`);
  const [row] = await sql.query(`SELECT ${parts.join(', ')} ${from}`);
  return row === undefined ? null : key.map((_, i) => String(row[`k${i}`]));
}

// A row larger than max_allowed_packet becomes NULL, which a fold passes over: the server only warns.
async function refuseWarnings(sql: SqlConnection, table: Table): Promise<void> {
  const [first] = await sql.query('SHOW WARNINGS');
  if (first === undefined) return;
  throw new RocError(
    'ROC_CHECK_FAILED',
    `${table.name} could not be hashed: the server warned with code ${first['Code']}`,
    {
      hint: 'With 1301, raise max_allowed_packet above the size of the largest row.',
    },
  );
}
