/** The fixed session of every read: the same bytes must come out of the source and of its copy, and nothing may change. */
import type { Connector, SqlConnection } from '../ports.js';

const STATEMENTS = [
  // Times as UTC, no padding of CHAR, errors instead of silent cuts.
  `SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',
   sql_big_selects = 1, wait_timeout = 28800`,
  'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
  // A long snapshot would make a busy server keep every old row version.
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  'SET SESSION TRANSACTION READ ONLY',
];

export async function openSession(connector: Pick<Connector, 'connect'>): Promise<SqlConnection> {
  const connection = await connector.connect();
  try {
    for (const statement of STATEMENTS) await connection.query(statement);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}
