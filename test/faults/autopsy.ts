/** What a run that failed looked like at its end: open jobs, the database's threads and locks, the last words of each process. */
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Cluster } from './cluster.js';

const QUESTIONS = {
  'jobs by state': 'select state, count(*) as jobs, max(attempt) as attempts from job group by state',
  'leases, by seconds left':
    'select count(*) as leases, min(lease_until) - unix_timestamp(now(3)) * 1000 as ms from job_lease',
  threads:
    "select id, user, command, time_ms, state, left(info, 120) as info from information_schema.processlist where command <> 'Daemon' order by time_ms desc limit 40",
  transactions:
    'select trx_mysql_thread_id, trx_state, trx_started, trx_rows_locked, left(trx_query, 120) as query from information_schema.innodb_trx order by trx_started limit 40',
};
const WORDS = 3000;

export async function autopsy({ database, nodes, runners }: Cluster): Promise<string> {
  const parts: string[] = [];
  const connection = await createConnection({ uri: database });
  try {
    for (const [title, sql] of Object.entries(QUESTIONS)) {
      const [rows] = await connection.query<RowDataPacket[]>(sql);
      parts.push(`--- ${title}`, ...rows.map((row) => JSON.stringify(row)));
    }
  } finally {
    await connection.end();
  }
  for (const { name, program } of [...nodes, ...runners])
    parts.push(`--- ${name}`, program.stdout().slice(-WORDS / 2), program.stderr().slice(-WORDS));
  return parts.join('\n');
}
