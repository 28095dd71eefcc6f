/** The part of a job's row that its life depends on; read under a lock before any change. */
import { type RawBuilder, sql } from 'kysely';
import type { JobState } from '../../protocol/job-states.js';
import type { Dialect } from './dialect.js';
import type { JobTable } from './job-tables.js';
import type { Tx } from './store.js';

const HEAD = [
  'id',
  'tenant_id',
  'process_id',
  'pool_id',
  'lane',
  'priority',
  'state',
  'attempt',
  'max_attempts',
  'epoch',
  'on_lost',
  'event_seq',
  'log_lines',
  'log_bytes',
] as const satisfies (keyof JobTable)[];

export type JobHead = Pick<JobTable, (typeof HEAD)[number]>;

/** The head's columns under names of their own, to be read beside another table's. */
export const HEAD_COLUMNS = sql.join(
  HEAD.map((column) => sql`${sql.ref(`job.${column}`)} as ${sql.id(`job__${column}`)}`),
);

/** Takes the head out of a row that was read with {@link HEAD_COLUMNS}. */
export function headOf(row: Readonly<Record<string, unknown>>): JobHead {
  return Object.fromEntries(HEAD.map((column) => [column, row[`job__${column}`]])) as JobHead;
}

/** Locks jobs until the transaction ends. Whoever also needs the ready row or the lease locks that one first. */
export async function lockJobs({ db, dialect }: Tx, ids: readonly string[]): Promise<JobHead[]> {
  return (await lockQuery(dialect, ids).execute(db)).rows;
}

export function lockQuery(dialect: Dialect, ids: readonly string[]): RawBuilder<JobHead> {
  const columns = sql.join(HEAD.map((column) => sql.id(column)));
  return sql<JobHead>`select ${columns} from job ${dialect.usePrimaryKey}
    where id in (${sql.join(ids)}) order by id ${dialect.forUpdate}`;
}

export async function lockJob(tx: Tx, id: string): Promise<JobHead | undefined> {
  return (await lockJobs(tx, [id]))[0];
}

const OFFERED = [
  'project_id',
  'environment_id',
  'robot_id',
  'version_id',
  'input',
  'timeout_ms',
] as const satisfies (keyof JobTable)[];

/** A queued job as it is taken: what changes with it, and what its offer is made of. */
export type ClaimedJob = JobHead & Pick<JobTable, (typeof OFFERED)[number]>;

export const CLAIMED_COLUMNS = sql.join([...HEAD, ...OFFERED].map((column) => sql.ref(`job.${column}`)));

/** One value for each job, chosen by its id within one statement; the value itself where all have the same. */
export function eachJob<T>(values: ReadonlyMap<string, T>): T | RawBuilder<T> {
  const [[, first] = []] = values;
  if ([...values.values()].every((value) => value === first)) return first as T;
  const cases = [...values].map(([id, value]) => sql`when ${id} then ${value}`);
  return sql<T>`case id ${sql.join(cases, sql` `)} end`;
}

/** What a change of jobs writes. */
export type JobUpdate = { [K in keyof JobTable]?: JobTable[K] | RawBuilder<JobTable[K]> };

/** Changes jobs that are in the given state; returns how many were. */
export async function updateJobs(
  { db, dialect }: Tx,
  ids: readonly string[],
  from: JobState,
  change: JobUpdate,
): Promise<number> {
  const { numAffectedRows } = await updateQuery(dialect, ids, from, change).execute(db);
  return Number(numAffectedRows);
}

export function updateQuery(
  dialect: Dialect,
  ids: readonly string[],
  from: JobState,
  change: JobUpdate,
): RawBuilder<unknown> {
  const assignments = Object.entries(change).map(([column, value]) => sql`${sql.id(column)} = ${value}`);
  return sql`update job ${dialect.usePrimaryKey} set ${sql.join(assignments)}
    where id in (${sql.join(ids)}) and state = ${from}`;
}
