/** What a scenario is: a fault, the load that it meets, and what must hold beside "nothing lost, one end each". */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { readLedger } from './ledger.js';
import type { Load } from './load.js';
import type { Member } from './members.js';
import type { Seeded } from './seeded.js';

export interface Scenario {
  readonly name: string;
  /** Whether a job may be begun more than once, each time under an epoch of its own. */
  readonly mayRepeat: boolean;
  /** What is measured as its recovery. */
  readonly recovery: string;
  /** Milliseconds that no recovery may take longer than. */
  readonly recoversWithin: number;
  run(scene: Scene): Promise<void>;
}

export interface Scene {
  readonly cluster: Cluster;
  readonly load: Load;
  readonly seed: Seeded;
  /** Jobs to start at least. */
  readonly jobs: number;
  /** How often the fault is made. */
  readonly faults: number;
  /** Notes a recovery that the scenario measured itself. */
  recovered(ms: number): void;
  /** A runner is gone from now on: how long its jobs take to be given back is measured. */
  left(runner: Member): void;
  /** Something happened that must not. */
  complain(text: string): void;
}

export const SECOND = 1000;
export const LEASE_MS = 60 * SECOND;
/** The promise: what a dead runner held is given back within its lease and five seconds. */
export const GIVEN_BACK_MS = LEASE_MS + 5 * SECOND;
export const SLOTS = 4;
const PER_SECOND = 20;

/** Starts jobs for as long as the fault is made, at moments that the seed chooses, and so many at least. */
export async function underLoad(
  scene: Scene,
  fault: (scene: Scene, n: number) => Promise<void>,
): Promise<void> {
  const { load, seed, jobs, faults } = scene;
  let isOver = false;
  const loading = load.start(jobs, PER_SECOND, undefined, () => !isOver);
  loading.catch(() => {});
  const spread = (jobs / PER_SECOND) * SECOND;
  try {
    for (let n = 0; n < faults; n++) {
      await sleep(seed.between(200, Math.max(300, Math.floor(spread / (faults + 1)))));
      await Promise.race([fault(scene, n), failureOf(loading)]);
    }
  } finally {
    isOver = true;
  }
  await loading;
}

/** A load that broke off must not leave a fault waiting for its next job. */
function failureOf(loading: Promise<void>): Promise<never> {
  return new Promise((_, reject) => loading.catch(reject));
}

export function startsIn(ledger: string): number {
  return readLedger(ledger).filter(({ phase }) => phase === 'start').length;
}
