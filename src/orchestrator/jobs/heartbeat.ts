/** A runner's sign of life: renews its leases, tells it what to stop and what it has lost. */
import type { JobRef } from '../decide/session.js';
import { listSessionLeases, type Renewal, renewLeases } from '../store/job-leases.js';
import { runnerInSession } from '../store/runners.js';
import type { Store } from '../store/store.js';
import { LEASE_MS } from './limits.js';

export interface Heartbeat {
  readonly runnerId: string;
  readonly sessionEpoch: number;
  /** All that the runner holds, begun or not: an offer that is named here has arrived. */
  readonly jobs: readonly Renewal[];
}

export interface HeartbeatAnswer {
  readonly renewed: JobRef[];
  /** To be stopped, with {@link CANCEL_GRACE_MS}. */
  readonly cancel: JobRef[];
  /** No longer the runner's: to be killed, nothing more to be written. */
  readonly lost: JobRef[];
  readonly drain: boolean;
}

/** That the runner was heard of is noted apart. @throws RocError ROC_GONE when a newer session has begun, ROC_UNAUTHENTICATED when the runner was removed */
export function heartbeat(store: Store, { jobs, ...session }: Heartbeat): Promise<HeartbeatAnswer> {
  return store.transaction(async (tx) => {
    const { isDraining } = await runnerInSession(tx, session);
    if (jobs.length > 0) await renewLeases(tx, session, jobs, (await tx.now()) + LEASE_MS);
    const held = jobs.length > 0 ? await listSessionLeases(tx, session) : [];
    const holds = ({ jobId, epoch }: JobRef) =>
      held.find((lease) => lease.jobId === jobId && lease.epoch === epoch);
    const refs = jobs.map(({ jobId, epoch }) => ({ jobId, epoch }));
    return {
      renewed: refs.filter((ref) => holds(ref) !== undefined),
      cancel: refs.filter((ref) => holds(ref)?.isCanceling),
      lost: refs.filter((ref) => holds(ref) === undefined),
      drain: isDraining,
    };
  });
}
