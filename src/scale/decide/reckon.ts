/** From demand to a number of instances: what is needed now, over the window, and in what is coming. */
import { MINUTE } from '../../kernel/time.js';
import type { ScalePolicy } from '../policy/policy.js';
import { createForecast, type ForecastState } from './forecast.js';
import { createLearner, type Learner } from './learn.js';
import type { ScaleState } from './state.js';
import { type Way, waysOf } from './ways.js';
import { createMaxWindows } from './window.js';

/** Instances, each for its own reason; null where there is no such reason. */
export interface Needs {
  need: number;
  windowNeed: number;
  /** For the coming minutes of the hour, as the last hours had them. */
  hourNeed: number | null;
  forecastNeed: number | null;
}

export interface Reckoner {
  readonly needs: Readonly<Needs>;
  readonly learner: Learner | null;
  /** Lengths of the windows, by the numbers that ways have for them, milliseconds. */
  readonly spans: readonly number[];
  begin(bootMs: number): void;
  /** One more settled bucket of demand, in instances' worth. */
  count(at: number, demand: number, periodMs: number): void;
  /** Instances to have, before any rail. @param takenAt start of the newest bucket */
  wanted(demand: number | null, takenAt: number, now: number, current: number): number;
  /** The way that this decision follows. */
  way(): Way;
  settle(): void;
  rebase(now: number): void;
  save(): Pick<ScaleState, 'window' | 'learn' | keyof ForecastState>;
}

const NEARLY = 1e-9;
/** Entries that the window may hold. */
const SLOTS = 256;

export function createReckoner(policy: ScalePolicy, from: ScaleState): Reckoner {
  const {
    spans,
    ways: [ownWay],
  } = waysOf(policy);
  const learner = policy.learn.mode === 'on' ? createLearner(policy, from.learn ?? undefined) : null;
  const window = createMaxWindows(spans, Math.max(...spans) / SLOTS, from.window);
  const forecast = createForecast(policy, from);
  const settle = Math.max(policy.timing.settle.alb, policy.timing.settle.ec2);
  const largest = new Float64Array(spans.length);
  const bucket = { at: 0, periodMs: MINUTE, demand: 0, ageMs: 0, leadMs: 0, largest };
  const needs: Needs = { need: 0, windowNeed: 0, hourNeed: null, forecastNeed: null };
  let boot = 0;
  let way = ownWay;
  let isFresh = from.learn === null;

  function instancesFor(demand: number): number {
    return Math.ceil(demand / way.target - NEARLY);
  }

  // What the policy itself says counts beside it in the first look: nobody has seen yet what follows from what was learned.
  function firstFor(demand: number): number {
    return isFresh ? Math.ceil(demand / ownWay.target - NEARLY) : 0;
  }

  function stepsOf(periodMs: number): number {
    return Math.max(1, Math.ceil((periodMs + settle + boot) / periodMs));
  }

  return {
    needs,
    learner,
    spans,
    begin(bootMs) {
      boot = bootMs;
      way = learner?.leader() ?? ownWay;
    },
    count(at, demand, periodMs) {
      window.push(at, demand);
      forecast.push(at, demand, stepsOf(periodMs));
      bucket.at = at;
      bucket.demand = demand;
      bucket.periodMs = periodMs;
      bucket.ageMs = periodMs + settle;
      bucket.leadMs = bucket.ageMs + boot;
      if (learner === null) return;
      // The first look has days behind it: it follows what they taught, not what the second look would take back at once.
      // Its newest bucket does not choose, so that more demand never chooses a way that needs less.
      if (isFresh) {
        learner.settle();
        way = learner.leader();
      }
      for (let i = 0; i < largest.length; i++) largest[i] = window.max(i, at);
      learner.charge(bucket);
    },
    wanted(demand, takenAt, now, current) {
      if (demand === null) return current;
      needs.need = Math.max(instancesFor(demand), firstFor(demand));
      needs.windowNeed = Math.max(
        instancesFor(window.max(way.window, takenAt)),
        firstFor(window.max(ownWay.window, takenAt)),
      );
      needs.hourNeed = way.isHourly && learner !== null ? instancesFor(learner.soon(now)) : null;
      const ahead = forecast.ahead(now, stepsOf(bucket.periodMs), demand);
      needs.forecastNeed = ahead === null ? null : Math.ceil(ahead / policy.signal.sloUtil - NEARLY);
      const most = Math.max(needs.need, needs.windowNeed, needs.hourNeed ?? 0, needs.forecastNeed ?? 0);
      if (most >= current || needs.hourNeed === null || learner === null) return most;
      return Math.max(most, Math.min(current, instancesFor(learner.heldFor(now))));
    },
    way: () => way,
    settle() {
      learner?.settle();
      isFresh = false;
    },
    rebase(now) {
      window.rebase(now);
      forecast.rebase(now);
    },
    save: () => ({ window: window.save(), learn: learner?.save() ?? null, ...forecast.save() }),
  };
}
