/** What a runner needs to run a claimed job. */

import type { RobotManifest } from '../../protocol/package/manifest.js';
import type { JobHead } from './job-heads.js';
import { fromJson } from './rows.js';
import type { Reader } from './store.js';

export interface JobOffer {
  readonly jobId: string;
  readonly epoch: number;
  readonly attempt: number;
  readonly tenantId: string;
  readonly project: string;
  readonly process: string;
  readonly environment: string;
  readonly robot: string;
  readonly versionId: string;
  readonly version: string;
  readonly digest: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly blobKey: string;
  /** The version's data key as it is stored: wrapped by the server's key, not yet for the runner. */
  readonly wrappedKey: string;
  readonly entrypoint: readonly string[];
  readonly input: unknown;
  readonly timeoutMs: number;
}

/** The offers of jobs that were just leased, in their order. */
export async function readOffers({ db }: Reader, jobs: readonly JobHead[]): Promise<JobOffer[]> {
  if (jobs.length === 0) return [];
  const rows = await db
    .selectFrom('job')
    .innerJoin('project', 'project.id', 'job.project_id')
    .innerJoin('process', 'process.id', 'job.process_id')
    .innerJoin('environment', 'environment.id', 'job.environment_id')
    .innerJoin('robot', 'robot.id', 'job.robot_id')
    .innerJoin('robot_version', 'robot_version.id', 'job.version_id')
    .select([
      'job.id',
      'job.input',
      'job.timeout_ms',
      'project.name as project',
      'process.name as process',
      'environment.name as environment',
      'robot.name as robot',
      'robot_version.id as version_id',
      'robot_version.version',
      'robot_version.digest',
      'robot_version.sha256',
      'robot_version.size_bytes',
      'robot_version.blob_key',
      'robot_version.wrapped_key',
      'robot_version.manifest',
    ])
    .where(
      'job.id',
      'in',
      jobs.map(({ id }) => id),
    )
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return jobs.flatMap((job) => {
    const row = byId.get(job.id);
    return row === undefined ? [] : [toOffer(job, row)];
  });
}

interface OfferRow {
  input: string;
  timeout_ms: number;
  project: string;
  process: string;
  environment: string;
  robot: string;
  version_id: string;
  version: string;
  digest: string;
  sha256: string;
  size_bytes: number;
  blob_key: string;
  wrapped_key: string;
  manifest: string;
}

function toOffer(job: JobHead, row: OfferRow): JobOffer {
  return {
    jobId: job.id,
    epoch: job.epoch,
    attempt: job.attempt,
    tenantId: job.tenant_id,
    project: row.project,
    process: row.process,
    environment: row.environment,
    robot: row.robot,
    versionId: row.version_id,
    version: row.version,
    digest: row.digest,
    sha256: row.sha256,
    sizeBytes: row.size_bytes,
    blobKey: row.blob_key,
    wrappedKey: row.wrapped_key,
    entrypoint: fromJson<RobotManifest>(row.manifest).entrypoint,
    input: fromJson<unknown>(row.input),
    timeoutMs: row.timeout_ms,
  };
}
