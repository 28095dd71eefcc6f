/** The instances of one run: launched, booting, serving, draining, minute by minute; all arrays are made beforehand. */
import { createCredits } from './credits.js';
import { type Faults, randomFrom } from './faults.js';
import type { FleetModel } from './model.js';

export interface Fleet {
  /** Brings the fleet to what was asked for, as minute `t` begins. */
  readonly begin: (t: number, desired: number) => void;
  /** Uses the instances that serve, each as much; above 1 they are full. */
  readonly serve: (utilisation: number) => void;
  /** Instances launched at least so many minutes before the end of minute `t`. */
  readonly olderThan: (t: number, minutes: number) => number;
  readonly ready: () => number;
  readonly live: () => number;
  readonly draining: () => number;
  /** Ends the run: what is owed is paid. @returns dollars of surplus credits */
  readonly settle: () => number;
}

/** Instances lie in the order of their launches, so that the newest leave first and the oldest serve. */
export function createFleet(model: FleetModel, faults: Faults, minutes: number): Fleet {
  const slots = model.max + 1;
  const launchedAt = new Int32Array(slots);
  const leaving = new Int32Array(minutes + model.drainMinutes + 1);
  const credits = createCredits(model.prices, slots);
  const random = randomFrom(faults.seed ^ 0x5eed);
  let live = 0;
  let ready = 0;
  let draining = 0;

  function leave(index: number, t: number, serves: boolean): void {
    credits.remove(index, live);
    for (let i = index; i < live - 1; i++) launchedAt[i] = launchedAt[i + 1] ?? 0;
    live--;
    if (!serves || model.drainMinutes === 0) return;
    draining++;
    leaving[t + model.drainMinutes] = (leaving[t + model.drainMinutes] ?? 0) + 1;
  }

  function loseZone(): void {
    for (let i = live - 1; i >= 0; i -= 2) leave(i, 0, false);
  }

  // The ones that fail at the end of their boot are launched anew, and so become the newest.
  function finishBoots(t: number): void {
    for (let i = ready; i < live; i++) {
      if ((launchedAt[i] ?? 0) + model.bootMinutes !== t || random() >= faults.launchFailures) continue;
      leave(i, t, false);
      launch(t);
      i--;
    }
  }

  function launch(t: number): void {
    launchedAt[live] = t;
    credits.add(live);
    live++;
  }

  function countReady(t: number): void {
    ready = 0;
    while (ready < live && (launchedAt[ready] ?? 0) + model.bootMinutes <= t) ready++;
  }

  // What a run starts with has been up for a day: nothing boots and no warm-up runs.
  for (let i = 0; i < model.min; i++) launch(-1440);

  return {
    begin(t, desired) {
      draining -= leaving[t] ?? 0;
      if (t === faults.zoneLossAt) loseZone();
      countReady(t - 1);
      while (live > desired) leave(live - 1, t, live <= ready);
      if (faults.launchFailures > 0) finishBoots(t);
      while (live < desired) launch(t);
      countReady(t);
    },
    serve(utilisation) {
      credits.spend(live, ready, utilisation);
    },
    olderThan(t, age) {
      let count = 0;
      while (count < live && (launchedAt[count] ?? 0) + age <= t + 1) count++;
      return count;
    },
    ready: () => ready,
    live: () => live,
    draining: () => draining,
    settle: () => credits.settle(live),
  };
}
