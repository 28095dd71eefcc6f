/** Forgets what is older than it has to be kept: log lines, ended jobs with their history, evidence. */
import { encodeTime } from 'ulid';
import { isTerminal, JOB_STATE_NAMES } from '../../protocol/job-states.js';
import type { Store } from './store.js';

/** Days; null keeps for ever. */
export interface Retention {
  readonly jobLogDays: number | null;
  readonly jobDays: number | null;
  readonly evidenceDays: number | null;
  readonly auditDays: number | null;
}

export const KEEP_ALL: Retention = { jobLogDays: null, jobDays: null, evidenceDays: null, auditDays: null };

const BATCH = 200;

/** Removes the log lines of jobs that ended before `before`. @returns of how many jobs */
export function purgeJobLogs(store: Store, before: number): Promise<number> {
  return inBatches(async () => {
    const ids = await endedJobs(store, before, true);
    if (ids.length === 0) return 0;
    await store.transaction(async ({ db }) => {
      await db.deleteFrom('job_log').where('job_id', 'in', ids).execute();
      await db.updateTable('job').set({ log_lines: 0, log_bytes: 0 }).where('id', 'in', ids).execute();
    });
    return ids.length;
  });
}

/** Removes jobs that ended before `before`, once their history is in the audit chain. @returns how many */
export function purgeJobs(store: Store, before: number): Promise<number> {
  return inBatches(async () => {
    const ids = await endedJobs(store, before, false);
    if (ids.length === 0) return 0;
    await store.transaction(async ({ db }) => {
      for (const table of ['job_log', 'job_event', 'job_result'] as const)
        await db.deleteFrom(table).where('job_id', 'in', ids).execute();
      await db.deleteFrom('job').where('id', 'in', ids).execute();
    });
    return ids.length;
  });
}

/** Evidence from before `before`, some of it, with the blobs that become nobody's. */
export async function oldEvidence({ db }: Store, before: number): Promise<{ id: string; blobKey: string }[]> {
  const rows = await db
    .selectFrom('evidence')
    .select(['id', 'blob_key'])
    .where('created_at', '<', before)
    .orderBy('id')
    .limit(BATCH)
    .execute();
  return rows.map(({ id, blob_key }) => ({ id, blobKey: blob_key }));
}

export async function deleteEvidence({ db }: Store, id: string): Promise<void> {
  await db.deleteFrom('evidence').where('id', '=', id).execute();
}

async function inBatches(batch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await batch();
    total += count;
    if (count < BATCH) return total;
  }
}

async function endedJobs({ db }: Store, before: number, hasLog: boolean): Promise<string[]> {
  const rows = await db
    .selectFrom('job')
    .select('job.id')
    // Made before it ended, so its id is lower than any of that time: a range of the primary key.
    .where('job.id', '<', encodeTime(before, 10))
    .where('job.state', 'in', JOB_STATE_NAMES.filter(isTerminal))
    .where('job.finished_at', '<', before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(selectFrom('job_seal').select('job_seal.job_id').whereRef('job_seal.job_id', '=', 'job.id')),
      ),
    )
    .$if(hasLog, (some) => some.where('job.log_lines', '>', 0))
    .limit(BATCH)
    .execute();
  return rows.map(({ id }) => id);
}
