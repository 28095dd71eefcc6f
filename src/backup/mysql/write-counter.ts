/** How many rows were written since the server started: unchanged over a time means that nobody wrote. */
import type { SqlConnection } from '../ports.js';

/** MySQL counts by engine; MariaDB, which does not, keeps temporary tables out of its handler counts. */
const COUNTERS = [
  ['Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_rows_deleted'],
  ['Handler_write', 'Handler_update', 'Handler_delete', 'Handler_tmp_write'],
];
const TEMPORARY = 'Handler_tmp_write';

/** Null where the server does not tell. */
export async function rowsWritten(sql: SqlConnection): Promise<number | null> {
  const rows = await sql.query(
    `SHOW GLOBAL STATUS WHERE Variable_name REGEXP '^(Innodb_rows_|Handler_)(tmp_)?(inserted|updated|deleted|write|update|delete)$'`,
  );
  const counts = new Map(rows.map((row) => [String(row['Variable_name']), Number(row['Value'])]));
  const known = COUNTERS.find((names) => names.every((name) => counts.has(name)));
  if (known === undefined) return null;
  return known.filter((name) => name !== TEMPORARY).reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
}
