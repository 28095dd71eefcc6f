/** Many rows in one statement, put together by hand: the tree that a query builder makes of a thousand values costs more. */
import type { Selectable } from 'kysely';
import { heldText } from './held-statements.js';
import type { Schema } from './schema.js';
import type { Reader } from './store.js';

/**
 * Whole rows, all with the same columns; the names are those of the code, never of a caller. In a transaction it may
 * be held, so not for a row whose refusal is an answer.
 */
export async function insertRows<T extends keyof Schema & string>(
  { db }: Reader,
  table: T,
  rows: readonly Selectable<Schema[T]>[],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first) as (keyof typeof first & string)[];
  const places = `(${columns.map(() => '?').join(', ')})`;
  const text = `insert into ${table} (${columns.join(', ')}) values ${rows.map(() => places).join(', ')}`;
  await db.executeQuery(
    heldText(
      text,
      rows.flatMap((row) => columns.map((column) => row[column])),
    ),
  );
}
