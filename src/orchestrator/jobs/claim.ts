/** Gives runners work: ready rows become leases, each with a new epoch. */
import { deal } from '../decide/deal.js';
import { lanesOf } from '../decide/lanes.js';
import { type ClaimedJob, eachJob, readClaimed } from '../store/job-heads.js';
import { insertLeases } from '../store/job-leases.js';
import { createOfferReader, type JobOffer, type OfferReader } from '../store/job-offers.js';
import { deleteReady, lockReady, type PoolKey, peekReady } from '../store/job-ready.js';
import { readSessions, requireSession, type SessionRunner } from '../store/runners.js';
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

export const NOTHING: Claimed = { offers: [], drain: false };

/**
 * Takes up to `slots` ready jobs of the runner's pool, best first. With nothing ready this is two small reads.
 * @throws RocError ROC_GONE when a newer session of this runner has begun, ROC_UNAUTHENTICATED when it was removed
 */
export async function claim(store: Store, args: ClaimArgs): Promise<Claimed> {
  const [answer] = await claimAll(store, createOfferReader(), [args]);
  if (answer === undefined || 'refused' in answer) throw answer?.refused;
  return answer;
}

/** What one of many who ask together is told. */
export type ClaimAnswer = Claimed | { readonly refused: unknown };

/** For each who asks what {@link claim} would give, in their order: one transaction for all of a pool. */
export async function claimAll(
  store: Store,
  offers: OfferReader,
  asked: readonly ClaimArgs[],
): Promise<ClaimAnswer[]> {
  const ids = new Set(asked.map(({ runnerId }) => runnerId));
  const runners = await readSessions(store, [...ids]);
  const answers = asked.map(({ runnerId, sessionEpoch }) => judge(runners.get(runnerId), sessionEpoch));
  const places = new Map<string, Wish[]>();
  for (const [index, answer] of answers.entries()) {
    if (!('runner' in answer)) continue;
    const { runner } = answer;
    const place = `${runner.poolId} ${runner.os}`;
    places.set(place, [...(places.get(place) ?? []), { index, runner, slots: asked[index]?.slots ?? 0 }]);
  }
  const given = new Map<number, JobOffer[]>();
  for (const wishes of places.values()) {
    const offered = await serve(store, offers, wishes);
    for (const [n, wish] of wishes.entries()) given.set(wish.index, offered[n] ?? []);
  }
  return answers.map((answer, index) =>
    'runner' in answer ? { offers: given.get(index) ?? [], drain: false } : answer,
  );
}

/** A runner that may be given work now. */
interface Wish {
  /** Its place among those who ask. */
  readonly index: number;
  readonly runner: SessionRunner;
  readonly slots: number;
}

function judge(runner: SessionRunner | undefined, sessionEpoch: number) {
  try {
    const known = requireSession(runner, sessionEpoch);
    return known.isDraining ? { offers: [], drain: true } : { runner: known };
  } catch (refused) {
    return { refused };
  }
}

/** The offers of each wish; all are of one pool and one platform. */
async function serve(store: Store, offers: OfferReader, wishes: readonly Wish[]): Promise<JobOffer[][]> {
  const [first] = wishes;
  if (first === undefined) return [];
  const { tenantId, poolId, os } = first.runner;
  const pool = { tenantId, poolId };
  const slots = wishes.reduce((sum, wish) => sum + wish.slots, 0);
  const hoped = await peekReady(store, pool, lanesOf(os), slots);
  if (hoped.length === 0) return [];
  return store.transaction(async (tx) => {
    const jobs = await lockBest(tx, pool, countByLane(hoped));
    if (jobs.length === 0) return [];
    const dealt = deal(
      jobs,
      wishes.map((wish) => wish.slots),
    );
    const leased = await lease(
      tx,
      jobs,
      new Map(dealt.flatMap((own, n) => own.map((job) => [job.id, wishes[n]?.runner ?? first.runner]))),
    );
    const byId = new Map((await offers.offersOf(tx, leased)).map((offer) => [offer.jobId, offer]));
    return dealt.map((own) => own.flatMap(({ id }) => byId.get(id) ?? []));
  });
}

async function lockBest(tx: Tx, pool: PoolKey, wanted: ReadonlyMap<string, number>): Promise<ClaimedJob[]> {
  const ids: string[] = [];
  for (const [lane, count] of wanted) ids.push(...(await lockReady(tx, pool, lane, count)));
  return ids.length === 0 ? [] : readClaimed(tx, ids);
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
