/** The key of a leased job's package, opened and sealed again at once: for this runner, this job and this claim only. */
import { wrapKeyFor } from '../../protocol/package/key-wrap.js';
import { assertionAudience } from '../auth/access-tokens.js';
import type { Auth } from '../auth/auth.js';
import { verifyKeyExchange } from '../auth/key-exchange.js';
import { unwrapPackageKey } from '../packages/open-package.js';
import type { PackageDeps } from '../packages/store-package.js';
import { staleLease } from '../store/job-leases.js';
import { readLeasedJob, requireNotCanceling } from '../store/leased-jobs.js';
import type { RunnerIdentity } from '../store/runners.js';
import type { Reader } from '../store/store.js';

export interface KeyExchangeParts {
  readonly store: Reader;
  readonly packages: Pick<PackageDeps, 'kms'>;
  readonly auth: Pick<Auth, 'keys'>;
}

/**
 * @throws RocError ROC_STALE_LEASE; ROC_CANCELING for a job that is to end; ROC_FORBIDDEN for an exchange that is not
 * this runner's for this job
 */
export async function exchangeKey(
  { store, packages, auth }: KeyExchangeParts,
  runner: RunnerIdentity,
  asked: { readonly jobId: string; readonly epoch: number; readonly exchange: string },
): Promise<string> {
  const { jobId, epoch } = asked;
  const { id: runnerId, tenantId, signKey, boxKey } = runner;
  const job = await readLeasedJob(store, { jobId, epoch, runnerId });
  if (job.tenantId !== tenantId) throw staleLease({ jobId, epoch });
  requireNotCanceling(job);
  const lease = { runnerId, jobId, epoch, digest: job.digest };
  const audience = assertionAudience(auth.keys);
  await verifyKeyExchange(
    asked.exchange,
    { ...lease, tenantId, signKey, boxKey, audience },
    await store.now(),
  );
  const key = await unwrapPackageKey(packages, { ...job, tenant: job.tenantId });
  try {
    return wrapKeyFor(boxKey, key, lease);
  } finally {
    key.fill(0);
  }
}
