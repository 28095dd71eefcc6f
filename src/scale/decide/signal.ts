/** Demand in instances' worth, from whichever metric speaks of it, and whether that can be trusted for a cut. */
import type { ScalePolicy } from '../policy/policy.js';
import { type Capacity, type CapacityState, createCapacity, NO_CAPACITY } from './capacity.js';
import { createIntake, type Found, type IntakeState, NOTHING_TAKEN } from './intake.js';
import type { Doubt } from './rails/rail.js';
import type { Series, Snapshot } from './snapshot.js';

export interface SignalState {
  readonly intake: IntakeState;
  readonly capacity: CapacityState;
  /** Newest demand in instances' worth; -1 before the first. */
  readonly demand: number;
  /** Since when it is exactly zero without confirmation; 0 where it is not. */
  readonly zeroSince: number;
}

export const NO_SIGNAL: SignalState = {
  intake: NOTHING_TAKEN,
  capacity: NO_CAPACITY,
  demand: -1,
  zeroSince: 0,
};

/** A bucket that counts: demand in instances' worth. */
export type OnDemand = (at: number, demand: number, periodMs: number) => void;

export interface Signal {
  /** Reads what is new and settled; `each` is called for every bucket that counts. */
  read(snapshot: Snapshot, now: number, each: OnDemand): Doubt;
  /** Newest demand in instances' worth, or null before the first. */
  demand(): number | null;
  takenAt(): number;
  since(): number;
  /** Which metric the last look rested on. */
  metric(): 'demand' | 'cpu';
  /** What was learned counts from the next decision on. */
  settle(): void;
  restart(): void;
  save(): SignalState;
}

/** Demand below this share of an instance may well fall to nothing. */
const IDLE = 0.05;
/** CPU (percent) that an instance with nothing to do shows; zero itself is no sign of life. */
const IDLE_CPU = 15;
/** CPU (percent) that an instance with nothing to do never shows. */
const WORKING_CPU = 30;
/** CPU above this says that demand may be larger than it can show; so much larger is assumed. */
const FULL_CPU = 97;
const BEYOND_FULL = 1.3;

export function createSignal(policy: ScalePolicy, saved: SignalState = NO_SIGNAL): Signal {
  const { settle, maxAge } = policy.timing;
  const intake = createIntake(saved.intake);
  const capacity: Capacity = createCapacity(saved.capacity);
  const fixed = policy.signal.capacityPerInstance;
  let demand = saved.demand;
  let zeroSince = saved.zeroSince;
  let used: 'demand' | 'cpu' = policy.signal.primary === 'cpu' ? 'cpu' : 'demand';
  // What the look under way works on; kept out of closures so that a look makes none.
  let snapshot: Snapshot | null = null;
  const isQuiet = (at: number): boolean => (valueAt(snapshot?.metrics.healthyHosts ?? null, at) ?? 0) >= 1;
  const never = (): boolean => false;

  function perInstance(): number | null {
    return fixed === 'auto' ? capacity.perInstance() : fixed;
  }

  function ofRequests(requests: number, at: number, each: number): number {
    if (fixed === 'auto' && snapshot !== null)
      capacity.learn(requests, valueAt(snapshot.metrics.cpu, at) ?? 0, servingAt(snapshot, at));
    return requests / each;
  }

  function ofCpu(cpu: number, at: number): number {
    if (snapshot === null) return 0;
    const serving = servingAt(snapshot, at);
    const requests = fixed === 'auto' ? valueAt(snapshot.metrics.demand, at) : null;
    if (requests !== null) capacity.learn(requests, cpu, serving);
    return (cpu / 100) * serving * (cpu >= FULL_CPU ? BEYOND_FULL : 1);
  }

  function count(found: Found, periodMs: number, each: OnDemand, rate: number | null): void {
    for (const { at, value } of found.taken) {
      const next = rate === null ? ofCpu(value, at) : ofRequests((value * 60_000) / periodMs, at, rate);
      regardZero(value, at);
      demand = next;
      each(at, next, periodMs);
    }
  }

  // Falling from work to exactly nothing is what an outage of metrics looks like, too.
  function regardZero(value: number, at: number): void {
    if (value > 0) zeroSince = 0;
    else if (zeroSince === 0 && demand > IDLE && !isIdleConfirmed(at)) zeroSince = at;
    else if (zeroSince !== 0 && isIdleConfirmed(at)) zeroSince = 0;
  }

  function isIdleConfirmed(at: number): boolean {
    const cpu = valueAt(snapshot?.metrics.cpu ?? null, at);
    return cpu !== null && cpu > 0 && cpu <= IDLE_CPU && isQuiet(at);
  }

  function fillQuiet(series: Series, settledUntil: number, each: OnDemand): void {
    if (intake.takenAt() === 0) return;
    let at = intake.takenAt() + series.periodMs;
    while (at + series.periodMs <= settledUntil && isQuiet(at)) {
      intake.takeZero(at, series.periodMs);
      regardZero(0, at);
      demand = 0;
      each(at, 0, series.periodMs);
      at += series.periodMs;
    }
  }

  return {
    read(from, now, each) {
      snapshot = from;
      const rate = policy.signal.primary === 'cpu' ? null : perInstance();
      used = rate === null ? 'cpu' : 'demand';
      const series = rate === null ? from.metrics.cpu : from.metrics.demand;
      if (series === null) return 'missing';
      const settledUntil = now - (rate === null ? settle.ec2 : settle.alb);
      const found = intake.take(series, settledUntil, maxAge, rate === null ? never : isQuiet);
      count(found, series.periodMs, each, rate);
      if (rate !== null && series.status !== 'failed') fillQuiet(series, settledUntil, each);
      snapshot = null;
      return doubtOf(series, found, now, from.metrics.cpu);
    },
    demand: () => (demand < 0 ? null : demand),
    takenAt: intake.takenAt,
    since: intake.since,
    metric: () => used,
    settle: capacity.settle,
    restart: intake.restart,
    save: () => ({ intake: intake.save(), capacity: capacity.save(), demand, zeroSince }),
  };

  function doubtOf(series: Series, found: Found, now: number, cpu: Series | null): Doubt {
    if (series.status === 'failed') return 'failed';
    if (intake.takenAt() === 0) return 'missing';
    if (now - intake.takenAt() - series.periodMs > maxAge + Math.max(0, series.periodMs - 60_000))
      return 'stale';
    if (found.isDuplicated) return 'duplicated';
    if (series.status === 'partial' || found.isBroken) return 'partial';
    if (zeroSince === 0) return '';
    // Work that goes on contradicts the zeros for as long as it does.
    const isWorking = (cpu?.points.at(-1)?.value ?? 0) >= WORKING_CPU;
    return isWorking || now - zeroSince < policy.scaleIn.window ? 'zero-filled' : '';
  }
}

/** Value of the bucket that starts at `at`, or null. */
export function valueAt(series: Series | null, at: number): number | null {
  if (series === null) return null;
  const { points } = series;
  let low = 0;
  let high = points.length - 1;
  // Mostly it is among the newest.
  if (high > 8 && (points[high - 4]?.at ?? at) <= at) low = high - 4;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const point = points[middle];
    if (point === undefined) return null;
    if (point.at === at) return point.value;
    if (point.at < at) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

function servingAt({ metrics, group }: Snapshot, at: number): number {
  const healthy = valueAt(metrics.healthyHosts, at);
  if (healthy !== null) return healthy;
  let serving = 0;
  for (const { state } of group.instances) if (state === 'inService') serving++;
  return serving;
}
