/** The tables of a server as its information_schema tells them: what there is to hash, and by which key. */
import type { SqlConnection, SqlRow } from '../ports.js';

export interface Column {
  readonly name: string;
  /** Lower case: `bigint`, `varchar`, `datetime`. */
  readonly dataType: string;
  /** `bigint(20) unsigned`, `enum('a','b')`. */
  readonly columnType: string;
  readonly charset: string | null;
  readonly collation: string | null;
  readonly isNullable: boolean;
  /** A virtual column is computed when it is read: nothing of it is stored. */
  readonly isVirtual: boolean;
}

export interface Table {
  readonly database: string;
  readonly name: string;
  readonly engine: string;
  readonly columns: readonly Column[];
  /** Columns of the primary key in their order; empty where there is none. */
  readonly primaryKey: readonly string[];
  /** Whether the key holds only the beginning of a column: then it does not order the rows. */
  readonly hasKeyPrefix: boolean;
  readonly estimatedRows: number;
  /** Of the clustered index. */
  readonly bytes: number;
}

const SYSTEM = ['mysql', 'information_schema', 'performance_schema', 'sys', 'innodb', 'tmp'];

/** The schemas that are not the server's own, by name. */
export async function listDatabases(sql: SqlConnection): Promise<string[]> {
  const rows = await sql.query(
    `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE LOWER(SCHEMA_NAME) NOT IN (?) ORDER BY 1`,
    [SYSTEM as unknown as string],
  );
  return rows.map((row) => text(row, 'name'));
}

/** Every base table of a schema, by name. */
export async function readTables(sql: SqlConnection, database: string): Promise<Table[]> {
  const [tables, columns, keys] = [
    await sql.query(
      `SELECT TABLE_NAME AS name, COALESCE(ENGINE, '') AS engine, COALESCE(TABLE_ROWS, 0) AS estimate,
              COALESCE(DATA_LENGTH, 0) AS bytes
         FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
        ORDER BY 1`,
      [database],
    ),
    await sql.query(
      `SELECT TABLE_NAME AS tab, COLUMN_NAME AS name, LOWER(DATA_TYPE) AS data, COLUMN_TYPE AS type,
              CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation, IS_NULLABLE AS nullable, EXTRA AS extra
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`,
      [database],
    ),
    await sql.query(
      `SELECT TABLE_NAME AS tab, COLUMN_NAME AS name, SUB_PART AS part
         FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND INDEX_NAME = 'PRIMARY'
        ORDER BY TABLE_NAME, SEQ_IN_INDEX`,
      [database],
    ),
  ];
  const columnsOf = grouped(columns);
  const keysOf = grouped(keys);
  return tables.map((row) => {
    const name = text(row, 'name');
    const key = keysOf.get(name) ?? [];
    return {
      database,
      name,
      engine: text(row, 'engine'),
      columns: (columnsOf.get(name) ?? []).map(column),
      primaryKey: key.map((part) => text(part, 'name')),
      hasKeyPrefix: key.some((part) => part['part'] !== null),
      estimatedRows: Number(row['estimate']),
      bytes: Number(row['bytes']),
    };
  });
}

function column(row: SqlRow): Column {
  return {
    name: text(row, 'name'),
    dataType: text(row, 'data'),
    columnType: text(row, 'type'),
    charset: nullable(row, 'charset'),
    collation: nullable(row, 'collation'),
    isNullable: row['nullable'] === 'YES',
    isVirtual: /\bVIRTUAL\b/i.test(text(row, 'extra')),
  };
}

function grouped(rows: readonly SqlRow[]): Map<string, SqlRow[]> {
  const groups = new Map<string, SqlRow[]>();
  for (const row of rows) {
    const group = groups.get(text(row, 'tab'));
    if (group === undefined) groups.set(text(row, 'tab'), [row]);
    else group.push(row);
  }
  return groups;
}

export function text(row: SqlRow, column: string): string {
  return String(row[column] ?? '');
}

function nullable(row: SqlRow, column: string): string | null {
  const value = row[column];
  return value === null || value === undefined ? null : String(value);
}
