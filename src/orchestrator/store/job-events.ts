/** A job's history, numbered within the job. */
import { isoTime } from '../../kernel/time.js';
import type { DigestedJobEvent } from '../../protocol/audit/job-digest.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import { newUlid } from './ids.js';
import { insertRows } from './insert-rows.js';
import type { JobHead } from './job-heads.js';
import { toText } from './rows.js';
import type { Reader, Tx } from './store.js';

export type JobEvent = ReplyOf<'jobs.show'>['events'][number];
export type JobEventType = JobEvent['type'];

export interface NewJobEvent {
  /** The job after the event; its `event_seq` is the event's number. */
  readonly job: JobHead;
  readonly event: JobEventType;
  readonly detail: string | null;
}

const MAX_DETAIL = 1000;

export async function insertEvents(tx: Tx, events: readonly NewJobEvent[]): Promise<void> {
  const now = await tx.now();
  const rows = events.map(({ job, event, detail }) => ({
    job_id: job.id,
    seq: job.event_seq,
    id: newUlid(now),
    type: event,
    attempt: job.attempt,
    epoch: job.epoch,
    state: job.state,
    detail: detail === null ? null : toText(detail.slice(0, MAX_DETAIL)),
    created_at: now,
  }));
  await insertRows(tx, 'job_event', rows);
}

/** All events of a job after the given number, oldest first. */
export async function listEvents({ db }: Reader, jobId: string, afterSeq = 0): Promise<JobEvent[]> {
  const rows = await db
    .selectFrom('job_event')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    at: isoTime(row.created_at),
    type: row.type as JobEventType,
    attempt: row.attempt,
    epoch: row.epoch,
    state: row.state,
    detail: row.detail,
  }));
}

/** Whole histories by job, oldest first, as they are digested. */
export async function readJobEvents(
  { db }: Reader,
  jobIds: readonly string[],
): Promise<Map<string, DigestedJobEvent[]>> {
  const rows = await db
    .selectFrom('job_event')
    .selectAll()
    .where('job_id', 'in', jobIds)
    .orderBy('job_id')
    .orderBy('seq')
    .execute();
  const histories = new Map<string, DigestedJobEvent[]>();
  for (const { job_id, created_at, ...event } of rows) {
    const history = histories.get(job_id) ?? [];
    history.push({ ...event, at: created_at });
    histories.set(job_id, history);
  }
  return histories;
}
