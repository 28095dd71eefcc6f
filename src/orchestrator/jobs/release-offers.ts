/** Takes back offers whose reply never reached their runner, at once instead of when they lapse. */
import { findHeldJob, type LeaseClaim } from '../store/job-leases.js';
import type { Store } from '../store/store.js';
import { releaseLease } from './end-attempt.js';

/** An offer that was begun meanwhile, or is another's by now, is left alone. */
export function releaseOffers(store: Store, offers: readonly LeaseClaim[]): Promise<void> {
  return store.transaction(async (tx) => {
    for (const offer of offers) {
      const held = await findHeldJob(tx, offer);
      if (held !== null && held.lease.started_at === null) await releaseLease(tx, held);
    }
  });
}
