/** How many rows InnoDB has written since the server started: unchanged over a time means that nobody wrote. */
import type { SqlConnection } from '../ports.js';

const COUNTERS = ['Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_rows_deleted'];

/** Null where the server does not tell. */
export async function rowsWritten(sql: SqlConnection): Promise<number | null> {
  const rows = await sql.query(
    `SHOW GLOBAL STATUS WHERE Variable_name IN (${COUNTERS.map(() => '?').join(', ')})`,
    COUNTERS,
  );
  if (rows.length !== COUNTERS.length) return null;
  return rows.reduce((sum, row) => sum + Number(row['Value']), 0);
}
