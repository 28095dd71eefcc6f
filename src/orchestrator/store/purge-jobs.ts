/** Removes log lines and ended jobs that are older than they have to be kept, in transactions of a bounded size. */
import { encodeTime } from 'ulid';
import { isTerminal, JOB_STATE_NAMES } from '../../protocol/job-states.js';
import { readFact, writeFact } from './installation-facts.js';
import type { Reader, Store, Tx } from './store.js';

const BATCH = 200;
/** Of job_log, in one transaction. A single job may have a hundred thousand. */
const LINES = 5000;
/** All jobs before this id have lost their lines: without it every look would read every old job again. */
const MARK = 'job-logs-purged-before';

interface EndedJob {
  readonly id: string;
  readonly lines: number;
}

/** Removes the log lines of jobs that ended before `before`. @returns of how many jobs */
export async function purgeJobLogs(store: Store, before: number): Promise<number> {
  const mark = (await readFact(store, MARK)) ?? '';
  let total = 0;
  for await (const jobs of endedJobs(store, before, mark, true)) {
    for (const some of byLines(jobs)) await purgeLines(store, some);
    total += jobs.length;
  }
  const next = (await firstWithLines(store, before, mark)) ?? upperBound(before);
  if (next > mark) await writeFact(store, MARK, next);
  return total;
}

/** Removes jobs that ended before `before`, once their history is in the audit chain. @returns how many */
export async function purgeJobs(store: Store, before: number): Promise<number> {
  let total = 0;
  for await (const jobs of endedJobs(store, before, '', false)) {
    for (const some of byLines(jobs.filter(({ lines }) => lines > 0))) await purgeLines(store, some);
    const ids = jobs.map(({ id }) => id);
    await store.transaction(async ({ db }) => {
      // What a job wrote beyond what it is known to have written.
      for (const table of ['job_log', 'job_event', 'job_result'] as const)
        await db.deleteFrom(table).where('job_id', 'in', ids).execute();
      await db.deleteFrom('job').where('id', 'in', ids).execute();
    });
    total += jobs.length;
  }
  return total;
}

/** Made before it ended, so a job's id is lower than any of that time: a range of the primary key. */
function upperBound(before: number): string {
  return encodeTime(before, 10);
}

/** In the order of their ids, each looked at once. */
async function* endedJobs(
  { db }: Store,
  before: number,
  from: string,
  hasLog: boolean,
): AsyncGenerator<readonly EndedJob[], void, undefined> {
  for (let after = from; ; ) {
    const rows = await db
      .selectFrom('job')
      .select(['job.id', 'job.log_lines'])
      .where('job.id', '>=', after)
      .where('job.id', '<', upperBound(before))
      .where('job.state', 'in', JOB_STATE_NAMES.filter(isTerminal))
      .where('job.finished_at', '<', before)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(selectFrom('job_seal').select('job_seal.job_id').whereRef('job_seal.job_id', '=', 'job.id')),
        ),
      )
      .$if(hasLog, (some) => some.where('job.log_lines', '>', 0))
      .orderBy('job.id')
      .limit(BATCH)
      .execute();
    if (rows.length > 0) yield rows.map(({ id, log_lines }) => ({ id, lines: log_lines }));
    const last = rows.at(-1)?.id;
    if (last === undefined || rows.length < BATCH) return;
    after = `${last}0`;
  }
}

/** A job that still has lines, because it had not ended, or was not chained yet. */
async function firstWithLines({ db }: Reader, before: number, from: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('job')
    .select('id')
    .where('id', '>=', from)
    .where('id', '<', upperBound(before))
    // One that runs has told its lines to its lease only.
    .where(({ eb, or }) =>
      or([eb('log_lines', '>', 0), eb('state', 'not in', JOB_STATE_NAMES.filter(isTerminal))]),
    )
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

/** Jobs in their order, together as many as have few enough lines. */
function byLines(jobs: readonly EndedJob[]): EndedJob[][] {
  const groups: EndedJob[][] = [];
  let lines = Number.POSITIVE_INFINITY;
  for (const job of jobs) {
    lines += job.lines;
    if (lines > LINES) {
      groups.push([]);
      lines = job.lines;
    }
    groups.at(-1)?.push(job);
  }
  return groups;
}

async function purgeLines(store: Store, jobs: readonly EndedJob[]): Promise<void> {
  const ids = jobs.map(({ id }) => id);
  for (const { id, lines } of jobs) while (lines > LINES && (await purgeSome(store, id)));
  await store.transaction(async ({ db }) => {
    await db.deleteFrom('job_log').where('job_id', 'in', ids).execute();
    await db.updateTable('job').set({ log_lines: 0, log_bytes: 0 }).where('id', 'in', ids).execute();
  });
}

/** The first lines of one job. @returns whether there may be more than as many again */
function purgeSome(store: Store, jobId: string): Promise<boolean> {
  return store.transaction(async (tx) => {
    const last = await lineAt(tx, jobId, LINES - 1);
    if (last === undefined) return false;
    await tx.db
      .deleteFrom('job_log')
      .where('job_id', '=', jobId)
      .where(({ eb, or, and }) =>
        or([
          eb('attempt', '<', last.attempt),
          and([eb('attempt', '=', last.attempt), eb('seq', '<=', last.seq)]),
        ]),
      )
      .execute();
    return true;
  });
}

function lineAt({ db }: Tx, jobId: string, offset: number) {
  return db
    .selectFrom('job_log')
    .select(['attempt', 'seq'])
    .where('job_id', '=', jobId)
    .orderBy('attempt')
    .orderBy('seq')
    .limit(1)
    .offset(offset)
    .executeTakeFirst();
}
