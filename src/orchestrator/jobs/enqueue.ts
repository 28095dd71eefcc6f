/** Starts a job: everything it will need is settled and pinned here. */

import type { Selectable } from 'kysely';
import { RocError } from '../../kernel/errors.js';
import { laneOf } from '../decide/lanes.js';
import { resolveOnLost } from '../decide/on-lost.js';
import { requireTrusted } from '../deployments/require-signature.js';
import type { ActiveDeployment } from '../store/deployments.js';
import { insertRows } from '../store/insert-rows.js';
import { insertEvents } from '../store/job-events.js';
import { insertReady } from '../store/job-ready.js';
import { insertScheduled } from '../store/job-scheduled.js';
import type { JobTable } from '../store/job-tables.js';
import { type Job, jobOf } from '../store/jobs.js';
import { toJson } from '../store/rows.js';
import { spareRoom } from '../store/spare-room.js';
import { findStartable, type Startable, type StartName } from '../store/startable.js';
import type { Tx } from '../store/store.js';

/** What the input is checked against: the version that was pinned. */
export type CheckInput = (
  versionId: string,
  schema: Readonly<Record<string, unknown>> | null,
  input: unknown,
) => void;

export interface EnqueueArgs extends StartName {
  readonly input: unknown;
  /** 0 (first) to 9 (last); the process's own unless given. */
  readonly priority?: number | undefined;
  /** Epoch milliseconds; a time to come makes the job `scheduled`. */
  readonly runAt?: number | undefined;
  readonly retryOf?: string | undefined;
  readonly createdBy: string;
  /** Throws when the input does not fit. */
  readonly checkInput: CheckInput;
}

/**
 * @throws RocError ROC_NOT_FOUND for an unknown process or environment, ROC_PRECONDITION_FAILED when nothing is
 * deployed there, and what checkInput throws
 */
export async function enqueue(tx: Tx, args: EnqueueArgs): Promise<Job> {
  const startable = await findStartable(tx, args);
  const { active } = startable;
  if (active === null) throw nothingDeployed(args);
  if (startable.needsSignature) await requireTrusted(tx, active.versionId);
  args.checkInput(active.versionId, active.manifest.inputs, args.input);
  const job = await insertJob(tx, args, startable, active);
  return jobOf(job, {
    project: args.project,
    process: args.process,
    environment: args.environment,
    robot: startable.robot,
    pool: startable.pool,
    version: active.version,
  });
}

async function insertJob(
  tx: Tx,
  args: EnqueueArgs,
  { process, environmentId }: Startable,
  { deploymentId, versionId, manifest }: ActiveDeployment,
): Promise<JobRow> {
  const [id, now] = [await tx.newId(), await tx.now()];
  const isLater = args.runAt !== undefined && args.runAt > now;
  const job: JobRow = {
    id,
    tenant_id: args.tenantId,
    project_id: process.project_id,
    process_id: process.id,
    environment_id: environmentId,
    deployment_id: deploymentId,
    robot_id: process.robot_id,
    version_id: versionId,
    pool_id: process.pool_id,
    lane: laneOf(manifest.platforms),
    priority: args.priority ?? process.priority,
    state: isLater ? 'scheduled' : 'queued',
    attempt: 0,
    max_attempts: process.max_attempts,
    epoch: 0,
    on_lost: resolveOnLost(process.on_lost, manifest.idempotent),
    timeout_ms: process.timeout_ms ?? manifest.timeoutMs,
    run_at: isLater ? (args.runAt ?? now) : now,
    input: toJson(args.input),
    output: null,
    error: null,
    progress: null,
    runner: null,
    retry_of: args.retryOf ?? null,
    event_seq: 1,
    log_lines: 0,
    log_bytes: 0,
    created_by: args.createdBy,
    created_at: now,
    started_at: null,
    finished_at: null,
    spare: null,
    ...spareRoom(isLater ? 'scheduled' : 'queued', false),
  };
  await insertRows(tx, 'job', [job]);
  if (isLater) await insertScheduled(tx, id, args.runAt ?? now);
  else await insertReady(tx, [job]);
  await insertEvents(tx, [{ job, event: 'enqueued', detail: null }]);
  return job;
}

type JobRow = Selectable<JobTable>;

function nothingDeployed(args: EnqueueArgs): RocError {
  return new RocError(
    'ROC_PRECONDITION_FAILED',
    `process ${args.process} has no version deployed in ${args.environment}`,
    { hint: `Deploy one with \`roc deploy ROBOT@VERSION --to ${args.environment}\`.` },
  );
}
