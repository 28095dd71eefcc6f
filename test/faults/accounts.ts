/** What the database says of every job, read past roc. */
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { HistoryEvent } from './given-back.js';
import type { JobAccount } from './verdict.js';

interface Row extends RowDataPacket {
  id: string;
  state: string;
  version: string;
  epoch: number;
  finished: string | number;
  leased: string | null;
  output: string | null;
}

const SQL = `select j.id, j.state, v.version, j.epoch, j.output,
  (select count(*) from job_event e where e.job_id = j.id and e.type = 'finished') as finished,
  (select group_concat(e.epoch) from job_event e where e.job_id = j.id and e.type = 'leased') as leased
  from job j join robot_version v on v.id = j.version_id`;

export async function readAccounts(database: string): Promise<JobAccount[]> {
  const connection = await createConnection({ uri: database });
  try {
    const [rows] = await connection.query<Row[]>(SQL);
    return rows.map(({ id, state, version, epoch, finished, leased, output }) => ({
      ...{ id, state, version, epoch, finished: Number(finished) },
      leased: leased === null ? [] : leased.split(',').map(Number),
      output: output === null ? null : JSON.parse(output),
    }));
  } finally {
    await connection.end();
  }
}

interface EventRow extends RowDataPacket {
  job_id: string;
  type: string;
  detail: string | null;
  created_at: string | number;
}

/** The history of every job, oldest event first. */
export async function readHistories(database: string): Promise<HistoryEvent[][]> {
  const connection = await createConnection({ uri: database });
  try {
    const [rows] = await connection.query<EventRow[]>(
      'select job_id, type, detail, created_at from job_event order by job_id, seq',
    );
    const histories = new Map<string, HistoryEvent[]>();
    for (const { job_id, type, detail, created_at } of rows) {
      const history = histories.get(job_id) ?? [];
      histories.set(job_id, [...history, { type, detail, at: Number(created_at) }]);
    }
    return [...histories.values()];
  } finally {
    await connection.end();
  }
}
