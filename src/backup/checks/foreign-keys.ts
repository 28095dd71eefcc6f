/** Rows that refer to nothing: every foreign key of the copy asked for its orphans. */
import { MINUTE } from '../../kernel/time.js';
import { text } from '../mysql/catalog.js';
import { quoteName, quoteTable } from '../mysql/identifier.js';
import type { SqlConnection } from '../ports.js';
import type { CheckContext, Outcome } from './context.js';
import { count, counted } from './judge-table.js';

interface ForeignKey {
  readonly name: string;
  readonly child: { readonly database: string; readonly name: string };
  readonly parent: { readonly database: string; readonly name: string };
  readonly columns: readonly (readonly [child: string, parent: string])[];
}

const LIMIT = 30 * MINUTE;

export async function checkForeignKeys({ sessions, databases, input }: CheckContext): Promise<Outcome> {
  const keys: ForeignKey[] = [];
  for (const database of databases)
    keys.push(...(await sessions.use((sql) => readForeignKeys(sql, database))));
  const orphans: Record<string, number> = {};
  for (const key of keys) {
    input.signal.throwIfAborted();
    const [row] = await sessions.use((sql) => sql.query(orphanStatement(key), [], { timeoutMs: LIMIT }));
    const found = Number(row?.['n'] ?? Number.NaN);
    if (found !== 0) orphans[key.name] = found;
  }
  const named = Object.entries(orphans).map(([name, found]) => `${name}: ${count(found)}`);
  return {
    verdict: named.length === 0 ? 'pass' : 'fail',
    expected: `no orphans by ${counted(keys.length, 'foreign key')}`,
    actual: named.length === 0 ? 'none' : named.join(', '),
    details: { foreignKeys: keys.length, orphans },
  };
}

async function readForeignKeys(sql: SqlConnection, database: string): Promise<ForeignKey[]> {
  const rows = await sql.query(
    `SELECT CONSTRAINT_NAME AS name, TABLE_NAME AS child, COLUMN_NAME AS fromColumn,
            REFERENCED_TABLE_SCHEMA AS parentDatabase, REFERENCED_TABLE_NAME AS parent, REFERENCED_COLUMN_NAME AS toColumn
       FROM information_schema.KEY_COLUMN_USAGE
      WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME IS NOT NULL
      ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`,
    [database],
  );
  const keys = new Map<string, ForeignKey>();
  for (const row of rows) {
    const name = `${database}.${text(row, 'child')}.${text(row, 'name')}`;
    const former = keys.get(name)?.columns ?? [];
    keys.set(name, {
      name,
      child: { database, name: text(row, 'child') },
      parent: { database: text(row, 'parentDatabase'), name: text(row, 'parent') },
      columns: [...former, [text(row, 'fromColumn'), text(row, 'toColumn')]],
    });
  }
  return [...keys.values()];
}

// A key with a NULL in it refers to nothing on purpose (MATCH SIMPLE).
function orphanStatement({ child, parent, columns }: ForeignKey): string {
  const on = columns.map(([from, to]) => `p.${quoteName(to)} = c.${quoteName(from)}`).join(' AND ');
  const set = columns.map(([from]) => `c.${quoteName(from)} IS NOT NULL`).join(' AND ');
  return `SELECT COUNT(*) AS n FROM ${quoteTable(child)} c LEFT JOIN ${quoteTable(parent)} p ON ${on}
           WHERE ${set} AND p.${quoteName(columns[0]?.[1] ?? '')} IS NULL`;
}
