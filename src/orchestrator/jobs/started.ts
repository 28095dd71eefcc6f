/** The runner is about to start the robot: only after this was answered may it do so. */
import { type LeaseClaim, lockHeldJob, staleLease, updateLease } from '../store/job-leases.js';
import type { Store } from '../store/store.js';
import { releaseLease } from './end-attempt.js';
import { LEASE_MS } from './limits.js';
import { transition } from './transition.js';

/**
 * Turns an offer into a run. Asked again with the same epoch it says yes again. A job that was canceled meanwhile
 * ends here and is refused, so that its robot never starts.
 * @throws RocError ROC_STALE_LEASE: do not start the robot
 */
export async function started(store: Store, claim: LeaseClaim): Promise<void> {
  const mayRun = await store.transaction(async (tx) => {
    const { lease, job } = await lockHeldJob(tx, claim);
    if (lease.started_at !== null) return true;
    if (job.state === 'canceling') {
      await releaseLease(tx, { lease, job });
      return false;
    }
    const now = await tx.now();
    await updateLease(tx, lease, { started_at: now, lease_until: now + LEASE_MS });
    await transition(tx, [job], { to: 'running', event: 'started', set: { started_at: now } });
    return true;
  });
  if (!mayRun) throw staleLease(claim);
}
