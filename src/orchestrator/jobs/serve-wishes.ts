/** Ready jobs become leases of those who wait for them. */
import { deal } from '../decide/deal.js';
import { lanesOf } from '../decide/lanes.js';
import { type ClaimedJob, eachJob } from '../store/job-heads.js';
import { insertLeases } from '../store/job-leases.js';
import type { JobOffer, OfferReader } from '../store/job-offers.js';
import { deleteReady, lockReady, type PoolKey } from '../store/job-ready.js';
import type { SessionRunner } from '../store/runners.js';
import type { Store, Tx } from '../store/store.js';
import { OFFER_MS } from './limits.js';
import type { ReadyLanes } from './ready-lanes.js';
import { transition } from './transition.js';

/** A runner that may be given work now. */
export interface Wish {
  readonly runner: SessionRunner;
  readonly slots: number;
}

/** What claims remember of one another, so that each reads less. */
export interface Claims {
  readonly offers: OfferReader;
  readonly ready: ReadyLanes;
}

/** The offers of each wish; all are of one pool and one platform. With nothing ready this is one small read. */
export async function serveWishes(
  store: Store,
  { offers, ready }: Claims,
  wishes: readonly Wish[],
): Promise<JobOffer[][]> {
  const [first] = wishes;
  if (first === undefined) return [];
  const { tenantId, poolId, os } = first.runner;
  const pool = { tenantId, poolId };
  const slots = wishes.reduce((sum, wish) => sum + wish.slots, 0);
  for (;;) {
    const { lanes, isFresh, forget } = await ready.next(store, pool, os, slots);
    if (lanes.length === 0) return [];
    const offered = await store.transaction(async (tx) => {
      const jobs = await lockBest(tx, pool, countByLane(lanes));
      if (jobs.length < lanes.length) forget();
      // All that was best is held by others, who may be slow: what is ready behind it is not to wait for them.
      if (jobs.length === 0 && isFresh) jobs.push(...(await lockAny(tx, pool, lanesOf(os), slots)));
      return jobs.length === 0 ? null : leaseAll(tx, offers, jobs, wishes);
    });
    if (offered !== null) return offered;
    if (isFresh) return [];
  }
}

/** Dealt to those who wish, in the order of the jobs. */
async function leaseAll(
  tx: Tx,
  offers: OfferReader,
  jobs: readonly ClaimedJob[],
  wishes: readonly Wish[],
): Promise<JobOffer[][]> {
  const dealt = deal(
    jobs,
    wishes.map(({ slots }) => slots),
  );
  const runners = new Map(
    wishes.flatMap(({ runner }, n) => (dealt[n] ?? []).map((job) => [job.id, runner] as const)),
  );
  const leased = await lease(tx, jobs, runners);
  const byId = new Map((await offers.offersOf(tx, leased)).map((offer) => [offer.jobId, offer]));
  return dealt.map((own) => own.flatMap(({ id }) => byId.get(id) ?? []));
}

async function lockBest(tx: Tx, pool: PoolKey, wanted: ReadonlyMap<string, number>): Promise<ClaimedJob[]> {
  const jobs: ClaimedJob[] = [];
  for (const [lane, count] of wanted) jobs.push(...(await lockReady(tx, pool, lane, count)));
  return jobs.sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
}

async function lockAny(
  tx: Tx,
  pool: PoolKey,
  lanes: readonly string[],
  limit: number,
): Promise<ClaimedJob[]> {
  for (const lane of lanes) {
    const jobs = await lockReady(tx, pool, lane, limit);
    if (jobs.length > 0) return jobs;
  }
  return [];
}

/** Each job to its runner. */
async function lease(
  tx: Tx,
  jobs: readonly ClaimedJob[],
  runners: ReadonlyMap<string, SessionRunner>,
): Promise<ClaimedJob[]> {
  const names = new Map([...runners].map(([jobId, { name }]) => [jobId, name]));
  await deleteReady(
    tx,
    jobs.map(({ id }) => id),
  );
  const leased = await transition(tx, jobs, {
    to: 'leased',
    event: 'leased',
    detail: ({ id }) => names.get(id) ?? null,
    attempt: 1,
    epoch: 1,
    set: { runner: eachJob(names), started_at: null, error: null, progress: null },
  });
  const now = await tx.now();
  await insertLeases(
    tx,
    leased.flatMap((job) => {
      const runner = runners.get(job.id);
      return runner === undefined ? [] : [leaseOf(job, runner, now)];
    }),
  );
  return leased;
}

function leaseOf(job: ClaimedJob, runner: SessionRunner, now: number) {
  return {
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
  };
}

function countByLane(lanes: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const lane of lanes) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  return counts;
}
