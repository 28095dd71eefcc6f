/**
 * Learns from the group's own past how much room to keep and how long to hold it. Several ways of reckoning run side by
 * side on paper, each charged for its instance-minutes and for each minute in which it would have had too few; the one
 * that would have cost least is followed. The policy's own target and window start ahead of the others.
 */
import { MINUTE } from '../../kernel/time.js';
import type { ScalePolicy } from '../policy/policy.js';
import { type Bucket, type ChargeState, createCharge, MEMORY } from './charge.js';
import { createSeason, type SeasonState } from './season.js';
import { headStart, type Way, waysOf } from './ways.js';

export interface LearnState extends ChargeState {
  readonly leader: number;
  readonly hour: SeasonState;
}

export interface Learner {
  /** The way to follow; it changes only at `settle`, so that one decision uses one way throughout. */
  leader(): Way;
  /** Largest demand that the coming minutes of the hour had in the last hours. */
  soon(now: number): number;
  /** The same for the longer time in which a cut would be regretted. */
  heldFor(now: number): number;
  /** One more settled bucket: every way is charged for it. */
  charge(bucket: Bucket): void;
  settle(): void;
  /** Instance-minutes that the policy's own way would have cost more than the leader, all in all. */
  saved(): number;
  save(): LearnState;
}

const HOUR = { period: 60 * MINUTE, periods: 4, bin: 5 * MINUTE } as const;
const LOOK_BACK = 5 * MINUTE;
const LOOK_AHEAD = 10 * MINUTE;
/** What will be needed so soon again is not cut. */
const HOLD_AHEAD = 20 * MINUTE;
const NEARLY = 1e-9;

export function createLearner(policy: ScalePolicy, saved?: LearnState): Learner {
  const { ways, spans } = waysOf(policy);
  const count = ways.length;
  const fits =
    saved !== undefined &&
    saved.costs.length === count &&
    saved.cutAt.length === count &&
    saved.had.length === MEMORY * count &&
    saved.leader < count;
  const former = fits ? saved : freshState(policy, ways, spans);
  const charge = createCharge(policy, ways, former);
  const { costs } = charge;
  const hour = createSeason(HOUR, former.hour);
  let { leader } = former;
  const soon = (now: number): number => hour.ahead(now - LOOK_BACK, now + LOOK_AHEAD);
  const heldFor = (now: number): number => hour.ahead(now - LOOK_BACK, now + HOLD_AHEAD);

  return {
    leader: () => ways[leader] ?? ways[0],
    soon,
    heldFor,
    charge(bucket) {
      hour.push(bucket.at, bucket.demand);
      const readAt = bucket.at + bucket.ageMs;
      charge.add(bucket, soon(readAt), heldFor(readAt));
    },
    settle() {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < count; i++) {
        const cost = costs[i] ?? 0;
        if (cost < least) least = cost;
        if (cost < (costs[leader] ?? 0) - NEARLY) leader = i;
      }
      for (let i = 0; i < count; i++) costs[i] = (costs[i] ?? 0) - least;
    },
    saved: () => (costs[0] ?? 0) - (costs[leader] ?? 0),
    save: () => ({ leader, ...charge.save(), hour: hour.save() }),
  };
}

function freshState(policy: ScalePolicy, ways: readonly Way[], spans: readonly number[]): LearnState {
  return {
    leader: 0,
    costs: ways.map((way) => headStart(way, policy, spans)),
    had: new Array<number>(MEMORY * ways.length).fill(policy.bounds.min),
    cutAt: ways.map(() => 0),
    turn: 0,
    hour: createSeason(HOUR).save(),
  };
}
