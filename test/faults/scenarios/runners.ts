/** What befalls runners and their links. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../helpers/until.js';
import type { Work } from '../load.js';
import {
  GIVEN_BACK_MS,
  LEASE_MS,
  type Scenario,
  type Scene,
  SECOND,
  SLOTS,
  startsIn,
  underLoad,
} from '../scenario.js';

const GIVEN_BACK = 'a job of the runner is given back';

export const RUNNER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a runner dies',
    mayRepeat: true,
    recovery: GIVEN_BACK,
    recoversWithin: GIVEN_BACK_MS,
    run: (scene) =>
      underLoad(scene, async ({ cluster, seed, left }) => {
        const runner = seed.pick(cluster.runners);
        left(runner);
        await runner.kill();
        await sleep(seed.between(100, 2000));
        await runner.restart();
      }),
  },
  {
    name: 'the host of a runner dies for good',
    mayRepeat: true,
    recovery: GIVEN_BACK,
    recoversWithin: GIVEN_BACK_MS,
    run: async (scene) => {
      const { cluster, seed, left } = scene;
      await fillSlots(scene, { ms: 6000, laterMs: 50 });
      await sleep(seed.between(0, 3000));
      const runner = seed.pick(cluster.runners);
      left(runner);
      await runner.kill();
    },
  },
  {
    name: 'a runner is frozen for longer than its lease',
    mayRepeat: true,
    recovery: GIVEN_BACK,
    recoversWithin: GIVEN_BACK_MS,
    run: async (scene) => {
      await fillSlots(scene, { ms: 8000, laterMs: 50 });
      await underLoad({ ...scene, faults: 1 }, async ({ cluster, seed, left }) => {
        const runner = seed.pick(cluster.runners);
        left(runner);
        process.kill(runner.program.pid, 'SIGSTOP');
        await sleep(LEASE_MS * 1.25);
        process.kill(runner.program.pid, 'SIGCONT');
      });
    },
  },
  {
    name: 'runners are cut off in one direction',
    mayRepeat: true,
    recovery: GIVEN_BACK,
    // Where only the answers vanish, leases are renewed until the runner has given up its robots by itself.
    recoversWithin: LEASE_MS + GIVEN_BACK_MS,
    run: async (scene) => {
      // Longer than a lease: the runner has to end these robots by itself.
      await fillSlots(scene, { ms: LEASE_MS * 1.1, laterMs: 50 });
      await underLoad({ ...scene, faults: 1 }, async ({ cluster, seed, left }) => {
        const direction = seed.pick(['up', 'down'] as const);
        for (const runner of cluster.runners) left(runner);
        for (const link of cluster.runnerLinks) link.freeze(direction);
        await sleep(LEASE_MS * 1.25);
        for (const link of cluster.runnerLinks) link.freeze(null);
      });
    },
  },
  {
    name: 'a result comes after its lease has ended',
    mayRepeat: true,
    recovery: GIVEN_BACK,
    recoversWithin: GIVEN_BACK_MS,
    run: async (scene) => {
      const { cluster, left } = scene;
      const slots = await fillSlots(scene, { ms: 4000, laterMs: 40_000 });
      const [link] = cluster.runnerLinks;
      for (const runner of cluster.runners.slice(0, 1)) left(runner);
      link?.freeze('up');
      // The others take over what this runner had, and are in the middle of it when its results arrive after all.
      await until('others took over', () => startsIn(cluster.ledger) > slots, { timeoutMs: 2 * LEASE_MS });
      await sleep(3000);
      link?.freeze(null);
    },
  },
  {
    name: 'one answer in ten to a runner is lost',
    mayRepeat: true,
    recovery: 'none measured',
    recoversWithin: 0,
    run: async (scene) => {
      for (const link of scene.cluster.runnerLinks) link.loseAnswers(0.1);
      await underLoad({ ...scene, faults: 0 }, async () => {});
      await sleep(5 * SECOND);
      for (const link of scene.cluster.runnerLinks) link.loseAnswers(0);
    },
  },
];

/** Gives every slot of every runner a job, and waits until all of them are at work. @returns how many slots there are */
async function fillSlots({ cluster, load }: Scene, work: Work): Promise<number> {
  const slots = cluster.runners.length * SLOTS;
  await load.start(slots, 50, work);
  await until('every slot is busy', () => startsIn(cluster.ledger) === slots, { timeoutMs: 60_000 });
  return slots;
}
