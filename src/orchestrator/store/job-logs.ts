/** Log lines, numbered from 1 within an attempt. */

import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { LogLine } from '../decide/log-lines.js';
import { insertRows } from './insert-rows.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { toText } from './rows.js';
import type { Reader, Tx } from './store.js';

export type StoredLogLine = ReplyOf<'jobs.logs'>['items'][number];

export async function insertLogLines(
  tx: Tx,
  jobId: string,
  attempt: number,
  lines: readonly LogLine[],
): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map((line) => ({
    job_id: jobId,
    attempt,
    seq: line.seq,
    logged_at: line.at,
    stream: line.stream,
    line: toText(line.text),
  }));
  await insertRows(tx, 'job_log', rows);
}

/** Forgets an attempt that was not counted, so that the next one may number its lines anew. */
export async function deleteLogLines(tx: Tx, jobId: string, attempt: number): Promise<void> {
  await tx.db.deleteFrom('job_log').where('job_id', '=', jobId).where('attempt', '=', attempt).execute();
}

export interface LogQuery extends PageQuery {
  readonly jobId: string;
  readonly attempt?: number | undefined;
}

/** A page of lines in order of attempt and number. The caller has checked that the job is its own to read. */
export async function listLogLines(reader: Reader, query: LogQuery): Promise<Page<StoredLogLine>> {
  const key = keyOfCursor(query);
  const [attempt = 0, seq = 0] = (key ?? '0.0').split('.').map(Number);
  const lines = await readLogLines(reader, { ...query, after: { attempt, seq }, limit: query.limit + 1 });
  return pageOf(
    lines,
    query,
    (line) => `${line.attempt}.${line.seq}`,
    (line) => line,
  );
}

/** The lines after a position, for those who follow a log. */
export async function readLogLines(
  { db }: Reader,
  query: {
    readonly jobId: string;
    readonly attempt?: number | undefined;
    readonly after: { readonly attempt: number; readonly seq: number };
    readonly limit: number;
  },
): Promise<StoredLogLine[]> {
  const { after } = query;
  const rows = await db
    .selectFrom('job_log')
    .selectAll()
    .where('job_id', '=', query.jobId)
    .$if(query.attempt !== undefined, (some) => some.where('attempt', '=', query.attempt ?? 0))
    .where('attempt', '>=', after.attempt)
    .where(({ eb, or }) => or([eb('attempt', '>', after.attempt), eb('seq', '>', after.seq)]))
    .orderBy('attempt')
    .orderBy('seq')
    .limit(query.limit)
    .execute();
  return rows.map((row) => ({
    attempt: row.attempt,
    seq: row.seq,
    at: isoTime(row.logged_at),
    stream: row.stream,
    text: row.line,
  }));
}
