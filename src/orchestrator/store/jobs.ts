/** Jobs as callers see them: one row with the names around it. */
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { JobState } from '../../protocol/job-states.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { found, fromJson } from './rows.js';
import type { Reader } from './store.js';

export type Job = ReplyOf<'jobs.start'>;

export interface JobQuery extends PageQuery {
  readonly tenantId: string;
  readonly project?: string | undefined;
  readonly process?: string | undefined;
  readonly environment?: string | undefined;
  readonly state?: JobState | undefined;
}

/** @throws RocError ROC_NOT_FOUND, also for a job of another tenant */
export async function getJob(reader: Reader, tenantId: string, id: string): Promise<Job> {
  const row = await selectJobs(reader)
    .where('job.id', '=', id)
    .where('job.tenant_id', '=', tenantId)
    .executeTakeFirst();
  return toJob(found(row, `job ${id}`, 'Look for it with `roc jobs list`.'));
}

/** Newest first. */
export async function listJobs(reader: Reader, query: JobQuery): Promise<Page<Job>> {
  const before = keyOfCursor(query);
  let select = selectJobs(reader).where('job.tenant_id', '=', query.tenantId);
  if (before !== null) select = select.where('job.id', '<', before);
  if (query.state !== undefined) select = select.where('job.state', '=', query.state);
  if (query.project !== undefined) select = select.where('project.name', '=', query.project);
  if (query.process !== undefined) select = select.where('process.name', '=', query.process);
  if (query.environment !== undefined) select = select.where('environment.name', '=', query.environment);
  const rows = await select
    .orderBy('job.id', 'desc')
    .limit(query.limit + 1)
    .execute();
  return pageOf(rows, query, ({ id }) => id, toJob);
}

function selectJobs({ db }: Reader) {
  return db
    .selectFrom('job')
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
