/** Every definition of a schema as information_schema has it, without what a restore may change: counters, definers, names. */
import type { SqlConnection, SqlRow } from '../ports.js';

/** `kind` and `name` identify it inside its database: `index`, `orders.by_customer`. */
export interface SchemaObject {
  readonly kind: string;
  readonly name: string;
  /** One line of facts, compared as text. */
  readonly definition: string;
}

interface Source {
  readonly kind: string;
  readonly sql: string;
  /** Whether an older server, or another flavour, may lack it. */
  readonly isOptional?: boolean;
}

// AUTO_INCREMENT, row estimates, creation times, definers and the database's own name are left out on purpose.
const SOURCES: readonly Source[] = [
  {
    kind: 'database',
    sql: `SELECT '' AS name, CONCAT_WS(' ', DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME) AS definition
            FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?`,
  },
  {
    kind: 'table',
    sql: `SELECT TABLE_NAME AS name, CONCAT_WS(' ', TABLE_TYPE, ENGINE, ROW_FORMAT, TABLE_COLLATION, CREATE_OPTIONS, CONCAT('comment ', QUOTE(TABLE_COMMENT))) AS definition
            FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE <> 'VIEW'`,
  },
  {
    kind: 'column',
    sql: `SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) AS name,
                 CONCAT_WS(' ', ORDINAL_POSITION, COLUMN_TYPE, IF(IS_NULLABLE = 'YES', 'null', 'not null'),
                   CHARACTER_SET_NAME, COLLATION_NAME, IF(COLUMN_DEFAULT IS NULL, NULL, CONCAT('default ', QUOTE(COLUMN_DEFAULT))),
                   EXTRA, NULLIF(GENERATION_EXPRESSION, ''), CONCAT('comment ', QUOTE(COLUMN_COMMENT))) AS definition
            FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?`,
  },
  {
    kind: 'index',
    sql: `SELECT CONCAT(TABLE_NAME, '.', INDEX_NAME) AS name,
                 CONCAT_WS(' ', IF(MIN(NON_UNIQUE) = 0, 'unique', 'plain'), MIN(INDEX_TYPE),
                   GROUP_CONCAT(CONCAT_WS(':', COLUMN_NAME, SUB_PART, COLLATION) ORDER BY SEQ_IN_INDEX SEPARATOR ',')) AS definition
            FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? GROUP BY TABLE_NAME, INDEX_NAME`,
  },
  {
    kind: 'foreign key',
    sql: `SELECT CONCAT(k.TABLE_NAME, '.', k.CONSTRAINT_NAME) AS name,
                 CONCAT_WS(' ', GROUP_CONCAT(k.COLUMN_NAME ORDER BY k.ORDINAL_POSITION SEPARATOR ','), 'references',
                   IF(MIN(k.REFERENCED_TABLE_SCHEMA) = MIN(k.TABLE_SCHEMA), '', MIN(k.REFERENCED_TABLE_SCHEMA)),
                   MIN(k.REFERENCED_TABLE_NAME), GROUP_CONCAT(k.REFERENCED_COLUMN_NAME ORDER BY k.ORDINAL_POSITION SEPARATOR ','),
                   MIN(r.UPDATE_RULE), MIN(r.DELETE_RULE)) AS definition
            FROM information_schema.KEY_COLUMN_USAGE k
            JOIN information_schema.REFERENTIAL_CONSTRAINTS r
              ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
           WHERE k.TABLE_SCHEMA = ? AND k.REFERENCED_TABLE_NAME IS NOT NULL GROUP BY k.TABLE_NAME, k.CONSTRAINT_NAME`,
  },
  {
    kind: 'check',
    sql: `SELECT CONCAT(t.TABLE_NAME, '.', c.CONSTRAINT_NAME) AS name, c.CHECK_CLAUSE AS definition
            FROM information_schema.CHECK_CONSTRAINTS c
            JOIN information_schema.TABLE_CONSTRAINTS t
              ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK'
           WHERE c.CONSTRAINT_SCHEMA = ?`,
    isOptional: true,
  },
  {
    kind: 'view',
    sql: `SELECT TABLE_NAME AS name, CONCAT_WS(' ', CHECK_OPTION, SECURITY_TYPE, VIEW_DEFINITION) AS definition
            FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?`,
  },
  {
    kind: 'trigger',
    sql: `SELECT TRIGGER_NAME AS name, CONCAT_WS(' ', ACTION_TIMING, EVENT_MANIPULATION, 'on', EVENT_OBJECT_TABLE, ACTION_ORDER, ACTION_STATEMENT) AS definition
            FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?`,
  },
  {
    kind: 'routine',
    sql: `SELECT CONCAT(ROUTINE_TYPE, ' ', ROUTINE_NAME) AS name, CONCAT_WS(' ', DTD_IDENTIFIER, IS_DETERMINISTIC, SQL_DATA_ACCESS, SECURITY_TYPE, ROUTINE_DEFINITION) AS definition
            FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?`,
  },
  {
    kind: 'event',
    sql: `SELECT EVENT_NAME AS name, CONCAT_WS(' ', EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, EVENT_DEFINITION) AS definition
            FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?`,
  },
];

/** Sorted by kind and name. */
export async function readSchema(sql: SqlConnection, database: string): Promise<SchemaObject[]> {
  const objects: SchemaObject[] = [];
  // GROUP_CONCAT would cut a wide index off at 1 KiB, and two of them would look the same.
  await sql.query('SET SESSION group_concat_max_len = 1048576');
  for (const { kind, sql: statement, isOptional } of SOURCES) {
    const rows = await sql.query(statement, [database]).catch((error: unknown) => {
      if (isOptional === true) return [];
      throw error;
    });
    objects.push(...rows.map((row) => schemaObject(kind, row, database)));
  }
  return objects.sort((a, b) => order(a.kind, b.kind) || order(a.name, b.name));
}

function schemaObject(kind: string, row: SqlRow, database: string): SchemaObject {
  // Views name their tables with the database's own name.
  const definition = String(row['definition'] ?? '').replaceAll(`\`${database.replaceAll('`', '``')}\`.`, '');
  return { kind, name: String(row['name'] ?? ''), definition };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
