/** Gives runners work: ready rows become leases, each with a new epoch. */
import { createOfferReader, type JobOffer } from '../store/job-offers.js';
import { readSessions, requireSession, type SessionRunner } from '../store/runners.js';
import type { Store } from '../store/store.js';
import { createReadyLanes } from './ready-lanes.js';
import { type Claims, serveWishes, type Wish } from './serve-wishes.js';

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
  const [answer] = await claimAll(store, openClaims(), [args]);
  if (answer === undefined || 'refused' in answer) throw answer?.refused;
  return answer;
}

export function openClaims(): Claims {
  return { offers: createOfferReader(), ready: createReadyLanes() };
}

/** What one of many who ask together is told. */
export type ClaimAnswer = Claimed | { readonly refused: unknown };

/** For each who asks what {@link claim} would give, in their order: one transaction for all of a pool. */
export async function claimAll(
  store: Store,
  claims: Claims,
  asked: readonly ClaimArgs[],
): Promise<ClaimAnswer[]> {
  const ids = new Set(asked.map(({ runnerId }) => runnerId));
  const runners = await readSessions(store, [...ids]);
  const answers = asked.map(({ runnerId, sessionEpoch }) => judge(runners.get(runnerId), sessionEpoch));
  const places = new Map<string, (Wish & { readonly index: number })[]>();
  for (const [index, answer] of answers.entries()) {
    if (!('runner' in answer)) continue;
    const { runner } = answer;
    const place = `${runner.poolId} ${runner.os}`;
    places.set(place, [...(places.get(place) ?? []), { index, runner, slots: asked[index]?.slots ?? 0 }]);
  }
  const given = new Map<number, JobOffer[]>();
  for (const wishes of places.values()) {
    const offered = await serveWishes(store, claims, wishes);
    for (const [n, wish] of wishes.entries()) given.set(wish.index, offered[n] ?? []);
  }
  return answers.map((answer, index) =>
    'runner' in answer ? { offers: given.get(index) ?? [], drain: false } : answer,
  );
}

function judge(runner: SessionRunner | undefined, sessionEpoch: number) {
  try {
    const known = requireSession(runner, sessionEpoch);
    return known.isDraining ? { offers: [], drain: true } : { runner: known };
  } catch (refused) {
    return { refused };
  }
}
