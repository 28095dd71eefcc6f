/** The work that nobody asks for: leases that ran out, jobs whose time has come. Any node may do it, also two at once. */

import { lockJobs } from '../store/job-heads.js';
import { lockExpired } from '../store/job-leases.js';
import { insertReady } from '../store/job-ready.js';
import { deleteScheduled, lockDue } from '../store/job-scheduled.js';
import type { Store } from '../store/store.js';
import { expireLease } from './end-attempt.js';
import { transition } from './transition.js';

const BATCH = 50;

/** Ends leases that ran out by the database's clock. Returns how many; a full batch means that there may be more. */
export function reap(store: Store, limit = BATCH): Promise<number> {
  return store.transaction(async (tx) => {
    const expired = await lockExpired(tx, limit);
    for (const held of expired) await expireLease(tx, held);
    return expired.length;
  });
}

/** Queues scheduled jobs that are due by the database's clock. Returns how many. */
export function promote(store: Store, limit = BATCH): Promise<number> {
  return store.transaction(async (tx) => {
    const ids = await lockDue(tx, limit);
    if (ids.length === 0) return 0;
    const jobs = await lockJobs(tx, ids);
    await deleteScheduled(tx, ids);
    await insertReady(tx, await transition(tx, jobs, { to: 'queued', event: 'requeued', detail: 'due' }));
    return ids.length;
  });
}
