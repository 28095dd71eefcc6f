/** A job that a runner holds, with what it may be given: its package, its place, and the names that its robot declares. */
import { RocError } from '../../kernel/errors.js';
import type { JobState } from '../../protocol/job-states.js';
import type { RobotManifest } from '../../protocol/package/manifest.js';
import { type LeaseClaim, staleLease } from './job-leases.js';
import { fromJson } from './rows.js';
import type { Reader } from './store.js';

export interface LeasedJob extends LeaseClaim {
  readonly attempt: number;
  readonly state: JobState;
  readonly tenantId: string;
  readonly project: string;
  readonly processId: string;
  readonly process: string;
  readonly environment: string;
  readonly robot: string;
  readonly version: string;
  readonly digest: string;
  readonly sha256: string;
  readonly blobKey: string;
  /** The version's data key as it is stored: wrapped by the server's key. */
  readonly wrappedKey: string;
  /** Assets that its robot.yaml names. */
  readonly assets: readonly string[];
}

/** The lease holds, and its runner is to end the job by saying that it was canceled: nothing more is given to it. */
export function requireNotCanceling({ jobId, state }: LeasedJob): void {
  if (state !== 'canceling') return;
  throw new RocError('ROC_CANCELING', `job ${jobId} is being canceled: nothing more is given to it`, {
    hint: 'End the robot, or do not start it, and report that the job was canceled.',
  });
}

/** @throws RocError ROC_STALE_LEASE when the lease is another's or gone */
export async function readLeasedJob({ db }: Reader, claim: LeaseClaim): Promise<LeasedJob> {
  const row = await db
    .selectFrom('job_lease')
    .innerJoin('job', 'job.id', 'job_lease.job_id')
    .innerJoin('project', 'project.id', 'job.project_id')
    .innerJoin('process', 'process.id', 'job.process_id')
    .innerJoin('environment', 'environment.id', 'job.environment_id')
    .innerJoin('robot', 'robot.id', 'job.robot_id')
    .innerJoin('robot_version', 'robot_version.id', 'job.version_id')
    .select(['job_lease.attempt', 'job.state', 'job.tenant_id', 'job.process_id'])
    .select(['project.name as project', 'process.name as process', 'environment.name as environment'])
    .select(['robot.name as robot', 'robot_version.version', 'robot_version.manifest'])
    .select(['robot_version.digest', 'robot_version.sha256'])
    .select(['robot_version.blob_key', 'robot_version.wrapped_key'])
    .where('job_lease.job_id', '=', claim.jobId)
    .where('job_lease.runner_id', '=', claim.runnerId)
    .where('job_lease.epoch', '=', claim.epoch)
    .executeTakeFirst();
  if (row === undefined) throw staleLease(claim);
  const { tenant_id, process_id, blob_key, wrapped_key, manifest, ...named } = row;
  return {
    ...claim,
    ...named,
    tenantId: tenant_id,
    processId: process_id,
    blobKey: blob_key,
    wrappedKey: wrapped_key,
    // Absent in manifests of versions that were published before robots could name any.
    assets: fromJson<Partial<RobotManifest>>(manifest).assets ?? [],
  };
}
