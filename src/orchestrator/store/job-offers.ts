/** What a runner needs to run a claimed job. */

import type { RobotManifest } from '../../protocol/package/manifest.js';
import type { ClaimedJob } from './job-heads.js';
import { readSignatures, type StoredSignature } from './publishers.js';
import { fromJson } from './rows.js';
import type { Reader } from './store.js';

export interface JobOffer extends OfferFacts {
  readonly jobId: string;
  readonly epoch: number;
  readonly attempt: number;
  readonly tenantId: string;
  readonly versionId: string;
  readonly input: unknown;
  readonly timeoutMs: number;
}

/** What the offers of many jobs have in common: names and a version that never change. */
interface OfferFacts {
  readonly project: string;
  readonly process: string;
  readonly environment: string;
  readonly robot: string;
  readonly version: string;
  readonly digest: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly blobKey: string;
  readonly entrypoint: readonly string[];
  /** Made when the version was published, or never. */
  readonly signature: StoredSignature | null;
}

/** Reads what the offers of jobs need, each thing once in a while. */
export interface OfferReader {
  /** The offers of jobs that were just leased, in their order; none of a job whose version is gone. */
  offersOf(reader: Reader, jobs: readonly ClaimedJob[]): Promise<JobOffer[]>;
}

/** What a version is never changes; a name that did is told this much later. */
const KEPT_MS = 30_000;
const MOST_KEPT = 1000;

export function createOfferReader(): OfferReader {
  const known = new Map<string, { readonly facts: OfferFacts; readonly until: number }>();
  const factsOf = async (reader: Reader, job: ClaimedJob): Promise<OfferFacts | null> => {
    const key = [job.process_id, job.environment_id, job.version_id].join();
    const kept = known.get(key);
    if (kept !== undefined && kept.until > performance.now()) return kept.facts;
    known.delete(key);
    const facts = await readFacts(reader, job);
    if (known.size >= MOST_KEPT) known.clear();
    if (facts !== null) known.set(key, { facts, until: performance.now() + KEPT_MS });
    return facts;
  };
  return {
    offersOf: async (reader, jobs) => {
      const offers: JobOffer[] = [];
      for (const job of jobs) {
        const facts = await factsOf(reader, job);
        if (facts !== null) offers.push(toOffer(job, facts));
      }
      return offers;
    },
  };
}

async function readFacts(reader: Reader, job: ClaimedJob): Promise<OfferFacts | null> {
  const row = await reader.db
    .selectFrom('robot_version')
    .innerJoin('robot', 'robot.id', 'robot_version.robot_id')
    .innerJoin('process', (join) => join.on('process.id', '=', job.process_id))
    .innerJoin('project', 'project.id', 'process.project_id')
    .innerJoin('environment', (join) => join.on('environment.id', '=', job.environment_id))
    .select([
      'project.name as project',
      'process.name as process',
      'environment.name as environment',
      'robot.name as robot',
      'robot_version.version',
      'robot_version.digest',
      'robot_version.sha256',
      'robot_version.size_bytes',
      'robot_version.blob_key',
      'robot_version.manifest',
    ])
    .where('robot_version.id', '=', job.version_id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { size_bytes, blob_key, manifest, ...facts } = row;
  return {
    ...facts,
    sizeBytes: size_bytes,
    blobKey: blob_key,
    entrypoint: fromJson<RobotManifest>(manifest).entrypoint,
    signature: (await readSignatures(reader, [job.version_id])).get(job.version_id) ?? null,
  };
}

function toOffer(job: ClaimedJob, facts: OfferFacts): JobOffer {
  return {
    ...facts,
    jobId: job.id,
    epoch: job.epoch,
    attempt: job.attempt,
    tenantId: job.tenant_id,
    versionId: job.version_id,
    input: fromJson<unknown>(job.input),
    timeoutMs: job.timeout_ms,
  };
}
