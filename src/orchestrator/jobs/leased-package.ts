/** Which stored package a lease is for: the fence that a runner passes before it gets a byte. */
import { type LeaseClaim, staleLease } from '../store/job-leases.js';
import type { Reader } from '../store/store.js';

/** The key of the blob. @throws RocError ROC_STALE_LEASE when the lease is another's or gone */
export async function leasedBlobKey({ db }: Reader, claim: LeaseClaim): Promise<string> {
  const row = await db
    .selectFrom('job_lease')
    .innerJoin('job', 'job.id', 'job_lease.job_id')
    .innerJoin('robot_version', 'robot_version.id', 'job.version_id')
    .select('robot_version.blob_key')
    .where('job_lease.job_id', '=', claim.jobId)
    .where('job_lease.runner_id', '=', claim.runnerId)
    .where('job_lease.epoch', '=', claim.epoch)
    .executeTakeFirst();
  if (row === undefined) throw staleLease(claim);
  return row.blob_key;
}
