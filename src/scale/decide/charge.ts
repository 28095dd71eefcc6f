/** What each way of reckoning would have cost: the innermost loop of a simulation, on flat arrays. */
import { MINUTE } from '../../kernel/time.js';
import type { ScalePolicy } from '../policy/policy.js';
import { violationCost, type Way } from './ways.js';

export interface ChargeState {
  /** Cost of each way above that of the cheapest, instance-minutes. */
  readonly costs: readonly number[];
  /** What each way would have had, the last {@link MEMORY} buckets, in turn. */
  readonly had: readonly number[];
  /** When each way last would have cut. */
  readonly cutAt: readonly number[];
  readonly turn: number;
}

/** A settled bucket of demand. */
export interface Bucket {
  readonly at: number;
  readonly periodMs: number;
  /** In instances' worth. */
  readonly demand: number;
  /** From a bucket's start until it can be read. */
  readonly ageMs: number;
  /** From a bucket's start until what is launched on it serves. */
  readonly leadMs: number;
  /** Largest demand of each window, this bucket included. */
  readonly largest: ArrayLike<number>;
}

export interface Charge {
  readonly costs: Float64Array;
  /** @param soon demand that the hourly ways prepare for; @param held what they do not cut below */
  add(bucket: Bucket, soon: number, held: number): void;
  save(): ChargeState;
}

/** Buckets for which it is remembered what each way would have had: what is launched serves only later. */
export const MEMORY = 16;
/** A raise so soon after a cut is a flap; it is charged so many instance-minutes. */
const FLAP = 15 * MINUTE;
const FLAP_COST = 90;
/** Old costs fade: half of their weight is gone after so long. Every so many buckets, not with each. */
const HALF_LIFE = 14 * 24 * 60 * MINUTE;
const FADE_EVERY = 64;
const USUAL_BOOT = 3 * MINUTE;
const NEARLY = 1e-9;

export function createCharge(policy: ScalePolicy, ways: readonly Way[], former: ChargeState): Charge {
  const { min, max } = policy.bounds;
  const { sloUtil } = policy.signal;
  const { boot, drain } = policy.timing;
  const count = ways.length;
  const worth = violationCost(policy);
  // Booting and draining instances are billed and serve nothing.
  const perMove = (drain + (boot === 'auto' ? USUAL_BOOT : boot)) / MINUTE;
  const costs = Float64Array.from(former.costs);
  const had = Uint16Array.from(former.had);
  const cutAt = Float64Array.from(former.cutAt);
  const perDemand = Float64Array.from(ways, ({ target }) => 1 / target);
  const windows = Uint8Array.from(ways, ({ window }) => window);
  const hourly = Uint8Array.from(ways, ({ isHourly }) => (isHourly ? 1 : 0));
  let turn = former.turn;

  function instances(demand: number, way: number): number {
    const wanted = demand * (perDemand[way] as number);
    return wanted <= min ? min : wanted >= max ? max : Math.ceil(wanted - NEARLY);
  }

  function hourlyNext(largest: number, way: number, last: number, soon: number, held: number): number {
    const next = instances(Math.max(largest, soon), way);
    return next >= last ? next : Math.min(last, Math.max(next, instances(held, way)));
  }

  function moveCost(way: number, last: number, next: number, at: number): number {
    if (next < last) {
      cutAt[way] = at;
      return perMove * (last - next);
    }
    return next > last && at - (cutAt[way] as number) <= FLAP ? FLAP_COST : 0;
  }

  return {
    costs,
    add({ at, periodMs, demand, leadMs, largest }, soon, held) {
      const minutes = periodMs / MINUTE;
      const lead = Math.max(1, Math.min(MEMORY - 1, Math.ceil(leadMs / periodMs)));
      const before = ((turn + MEMORY - 1) % MEMORY) * count;
      const then = ((turn + MEMORY - lead) % MEMORY) * count;
      const now = (turn % MEMORY) * count;
      const fade = turn % FADE_EVERY === 0 ? 0.5 ** ((FADE_EVERY * periodMs) / HALF_LIFE) : 1;
      for (let i = 0; i < count; i++) {
        const last = had[before + i] as number;
        const serving = Math.min(had[then + i] as number, last);
        const wanted = largest[windows[i] as number] as number;
        const next = hourly[i] === 1 ? hourlyNext(wanted, i, last, soon, held) : instances(wanted, i);
        const isShort = serving < max && demand > sloUtil * serving + NEARLY;
        costs[i] =
          (costs[i] as number) * fade +
          minutes * (isShort ? last + worth : last) +
          (next === last ? 0 : moveCost(i, last, next, at));
        had[now + i] = next;
      }
      turn = (turn + 1) % (MEMORY * FADE_EVERY);
    },
    save: () => ({ costs: Array.from(costs), had: Array.from(had), cutAt: Array.from(cutAt), turn }),
  };
}
