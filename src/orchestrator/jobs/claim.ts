/** Gives a runner work: ready rows become leases, each with a new epoch. */
import { lanesOf } from '../decide/lanes.js';
import { type JobHead, readHeads } from '../store/job-heads.js';
import { insertLeases } from '../store/job-leases.js';
import { type JobOffer, readOffers } from '../store/job-offers.js';
import { deleteReady, lockReady, type PoolKey, peekReady } from '../store/job-ready.js';
import { runnerInSession, type SessionRunner } from '../store/runners.js';
import type { Store, Tx } from '../store/store.js';
import { OFFER_MS } from './limits.js';
import { transition } from './transition.js';

export interface ClaimArgs {
  readonly runnerId: string;
  readonly sessionEpoch: number;
  /** The most jobs to take. */
  readonly slots: number;
}

export interface Claimed {
  readonly offers: readonly JobOffer[];
  /** The runner shall take no more work. */
  readonly drain: boolean;
}

/**
 * Takes up to `slots` ready jobs of the runner's pool, best first. With nothing ready this is two small reads.
 * @throws RocError ROC_GONE when a newer session of this runner has begun, ROC_UNAUTHENTICATED when it was removed
 */
export async function claim(store: Store, args: ClaimArgs): Promise<Claimed> {
  const runner = await runnerInSession(store, args);
  if (runner.isDraining) return { offers: [], drain: true };
  const pool = { tenantId: runner.tenantId, poolId: runner.poolId };
  const hoped = await peekReady(store, pool, lanesOf(runner.os), args.slots);
  if (hoped.length === 0) return { offers: [], drain: false };
  const claimed = await store.transaction((tx) => lease(tx, runner, pool, countByLane(hoped)));
  return { offers: await readOffers(store, claimed), drain: false };
}

async function lease(
  tx: Tx,
  runner: SessionRunner,
  pool: PoolKey,
  wanted: ReadonlyMap<string, number>,
): Promise<JobHead[]> {
  const ids: string[] = [];
  for (const [lane, count] of wanted) ids.push(...(await lockReady(tx, pool, lane, count)));
  if (ids.length === 0) return [];
  const jobs = await readHeads(tx, ids);
  await deleteReady(tx, ids);
  const leased = await transition(tx, jobs, {
    to: 'leased',
    event: 'leased',
    detail: runner.name,
    attempt: 1,
    epoch: 1,
    set: { runner: runner.name, started_at: null, error: null, progress: null },
  });
  const now = await tx.now();
  await insertLeases(
    tx,
    leased.map((job) => ({
      job_id: job.id,
      tenant_id: job.tenant_id,
      runner_id: runner.id,
      session_epoch: runner.sessionEpoch,
      epoch: job.epoch,
      attempt: job.attempt,
      lease_until: now + OFFER_MS,
      leased_at: now,
      started_at: null,
      progress: null,
      next_log_seq: 1,
      log_lines: job.log_lines,
      log_bytes: job.log_bytes,
    })),
  );
  return leased;
}

function countByLane(lanes: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const lane of lanes) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  return counts;
}
