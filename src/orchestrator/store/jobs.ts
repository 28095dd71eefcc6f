/** Jobs as callers see them: one row with the names around it. */
import type { Selectable, SelectQueryBuilder } from 'kysely';
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { JobState } from '../../protocol/job-states.js';
import type { Sight } from '../decide/reach.js';
import type { JobTable } from './job-tables.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { found, fromJson } from './rows.js';
import type { Schema } from './schema.js';
import { inSightOfProcesses, seesAll } from './sight.js';
import type { Reader } from './store.js';

export type Job = ReplyOf<'jobs.start'>;

export interface JobQuery extends PageQuery {
  readonly tenantId: string;
  readonly sight: Sight;
  readonly project?: string | undefined;
  readonly process?: string | undefined;
  readonly environment?: string | undefined;
  readonly state?: JobState | undefined;
}

/** @throws RocError ROC_NOT_FOUND, also for a job of another tenant */
export async function getJob(reader: Reader, tenantId: string, id: string): Promise<Job> {
  const one = reader.db.selectFrom('job').select('id').where('id', '=', id).where('tenant_id', '=', tenantId);
  const row = await selectJobs(reader, one).executeTakeFirst();
  return toJob(found(row, `job ${id}`, 'Look for it with `roc jobs list`.'));
}

/** Newest first. */
export async function listJobs(reader: Reader, query: JobQuery): Promise<Page<Job>> {
  const page = await pageOfIds(reader, query);
  const rows = await selectJobs(reader, page).orderBy('job.id', 'desc').execute();
  return pageOf(rows, query, ({ id }) => id, toJob);
}

/**
 * Which jobs are on the page, from one index of one table: joined with the names at once, the planner would begin with
 * those small tables, and read and sort the whole history.
 */
async function pageOfIds(reader: Reader, query: JobQuery): Promise<JobIds> {
  const before = keyOfCursor(query);
  const { tenantId, limit } = query;
  let ids = reader.db.selectFrom('job').select('id').where('tenant_id', '=', tenantId);
  if (!seesAll(query.sight)) {
    ids = ids.where((eb) => inSightOfProcesses(eb as never, query.sight, tenantId, COLUMNS));
  }
  if (before !== null) ids = ids.where('id', '<', before);
  if (query.state !== undefined) ids = ids.where('state', '=', query.state);
  for (const kind of ['project', 'process', 'environment'] as const) {
    const name = query[kind];
    if (name !== undefined) ids = ids.where(`${kind}_id`, 'in', await idsNamed(reader, kind, tenantId, name));
  }
  return ids.orderBy('id', 'desc').limit(limit + 1);
}

/** A process may have one name in several projects. No id at all finds no job. */
async function idsNamed(
  { db }: Reader,
  kind: 'project' | 'process' | 'environment',
  tenantId: string,
  name: string,
): Promise<string[]> {
  const named = db.selectFrom(kind).select('id').where('tenant_id', '=', tenantId).where('name', '=', name);
  const rows = await named.execute();
  return rows.length === 0 ? [''] : rows.map(({ id }) => id);
}

const COLUMNS = { project: 'job.project_id', process: 'job.process_id' };

type JobIds = SelectQueryBuilder<Schema, 'job', { id: string }>;

function selectJobs({ db }: Reader, ids: JobIds) {
  return db
    .selectFrom(ids.as('page'))
    .innerJoin('job', 'job.id', 'page.id')
    .innerJoin('project', 'project.id', 'job.project_id')
    .innerJoin('process', 'process.id', 'job.process_id')
    .innerJoin('environment', 'environment.id', 'job.environment_id')
    .innerJoin('robot', 'robot.id', 'job.robot_id')
    .innerJoin('robot_version', 'robot_version.id', 'job.version_id')
    .innerJoin('pool', 'pool.id', 'job.pool_id')
    .leftJoin('job_lease', 'job_lease.job_id', 'job.id')
    .selectAll('job')
    .select([
      'project.name as project_name',
      'process.name as process_name',
      'environment.name as environment_name',
      'robot.name as robot_name',
      'robot_version.version as version_text',
      'pool.name as pool_name',
      'job_lease.progress as live_progress',
    ]);
}

/** A job that has just been made, as it would be read. */
export function jobOf(
  row: Selectable<JobTable>,
  names: Pick<Job, 'project' | 'process' | 'environment' | 'robot' | 'pool' | 'version'>,
): Job {
  return toJob({
    ...row,
    project_name: names.project,
    process_name: names.process,
    environment_name: names.environment,
    robot_name: names.robot,
    version_text: names.version,
    pool_name: names.pool,
    live_progress: null,
  });
}

type JobRow = Awaited<ReturnType<ReturnType<typeof selectJobs>['executeTakeFirstOrThrow']>>;

function toJob(row: JobRow): Job {
  return {
    id: row.id,
    project: row.project_name,
    process: row.process_name,
    robot: row.robot_name,
    version: row.version_text,
    environment: row.environment_name,
    pool: row.pool_name,
    state: row.state,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    epoch: row.epoch,
    priority: row.priority,
    onLost: row.on_lost,
    input: fromJson<unknown>(row.input),
    output: fromJson<unknown>(row.output),
    error: fromJson<NonNullable<Job['error']>>(row.error),
    progress: fromJson<NonNullable<Job['progress']>>(row.live_progress ?? row.progress),
    runner: row.runner,
    retryOf: row.retry_of,
    createdBy: row.created_by,
    createdAt: isoTime(row.created_at),
    runAt: isoTime(row.run_at),
    startedAt: isoTime(row.started_at),
    finishedAt: isoTime(row.finished_at),
  };
}
