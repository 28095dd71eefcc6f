/** Chains the history of jobs that have ended: one event for many, outside the transactions that ended them. */
import { digestOfJob } from '../../protocol/audit/job-digest.js';
import { isTerminal, JOB_STATE_NAMES } from '../../protocol/job-states.js';
import { readJobEvents } from '../store/job-events.js';
import { deleteSeals, lockSeals } from '../store/job-seals.js';
import type { Store } from '../store/store.js';
import { type Audit, SYSTEM } from './audit.js';

const UNFINISHED: ReadonlySet<string> = new Set(JOB_STATE_NAMES.filter((state) => !isTerminal(state)));

/** @returns how many were chained; a full batch means that there may be more */
export function sealJobs(store: Store, audit: Audit, limit: number): Promise<number> {
  return store.transaction(async (tx) => {
    const ended = await lockSeals(tx, limit);
    const [first] = ended;
    if (first === undefined) return 0;
    // One tenant a transaction: its chain is held until the end.
    const ids = ended.filter(({ tenantId }) => tenantId === first.tenantId).map(({ jobId }) => jobId);
    const events = await readJobEvents(tx, ids);
    const jobs = ids.flatMap((id) => {
      const own = events.get(id) ?? [];
      const state = own.at(-1)?.state ?? 'unknown';
      // Nobody but a hand in the database lets such a one wait; it is chained once it has ended.
      if (UNFINISHED.has(state)) return [];
      return [{ id, state, events: own.length, digest: digestOfJob(id, own) }];
    });
    await deleteSeals(tx, ids);
    if (jobs.length === 0) return ids.length;
    await audit.append(tx, { tenantId: first.tenantId, actor: SYSTEM, action: 'jobs.seal', after: { jobs } });
    return ids.length;
  });
}
