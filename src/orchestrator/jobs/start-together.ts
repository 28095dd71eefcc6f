/** Robots that are about to start while others are being told so: one commit for many, each told by itself. */
import { createTogether, takeDistinct, type Waiting } from '../dispatch/together.js';
import { findHeldJobs, type LeaseClaim, updateLeases } from '../store/job-leases.js';
import type { Store, Tx } from '../store/store.js';
import { LEASE_MS } from './limits.js';
import { started } from './started.js';
import { transition } from './transition.js';

const LANES = 2;
const BATCH = 100;

/** The answers, and what is refused, are those of {@link started}. */
export function createStarter(store: Store): (claim: LeaseClaim) => Promise<void> {
  return createTogether<LeaseClaim, void>({
    lanes: LANES,
    enough: BATCH,
    take: (waiting) => takeDistinct(waiting, BATCH, ({ jobId }) => jobId),
    round: (batch) => start(store, batch),
  });
}

async function start(store: Store, batch: readonly Waiting<LeaseClaim, void>[]): Promise<void> {
  const claims = batch.map(({ asked }) => asked);
  // What keeps all of them from being started together must not decide about any of them.
  const begun =
    claims.length < 2
      ? new Set<string>()
      : await store.transaction((tx) => startAll(tx, claims)).catch(() => new Set<string>());
  const answers = batch.map(async ({ asked, resolve, reject }) => {
    if (begun.has(asked.jobId)) resolve();
    else await started(store, asked).then(resolve, reject);
  });
  await Promise.all(answers);
}

/** The jobs that begin by this; those that are canceled, begun already or another's are not touched. */
async function startAll(tx: Tx, claims: readonly LeaseClaim[]): Promise<Set<string>> {
  const held = await findHeldJobs(tx, claims);
  const fresh = held.filter(({ lease, job }) => lease.started_at === null && job.state === 'leased');
  if (fresh.length === 0) return new Set();
  const now = await tx.now();
  await updateLeases(
    tx,
    fresh.map(({ lease }) => lease),
    { started_at: now, lease_until: now + LEASE_MS },
  );
  const jobs = fresh.map(({ job }) => job);
  await transition(tx, jobs, { to: 'running', event: 'started', set: { started_at: now } });
  return new Set(jobs.map(({ id }) => id));
}
