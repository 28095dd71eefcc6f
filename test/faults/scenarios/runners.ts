/** What befalls runners and their links. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../helpers/until.js';
import { GIVEN_BACK_MS, LEASE_MS, type Scenario, SECOND, SLOTS, startsIn, underLoad } from '../scenario.js';

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
    run: async ({ cluster, load, seed, left }) => {
      const slots = cluster.runners.length * SLOTS;
      await load.start(slots, 50, { ms: 5000, laterMs: 50 });
      await until('every slot is busy', () => startsIn(cluster.ledger) === slots, { timeoutMs: 30_000 });
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
    run: (scene) =>
      underLoad({ ...scene, faults: 1 }, async ({ cluster, seed, left }) => {
        const runner = seed.pick(cluster.runners);
        left(runner);
        process.kill(runner.program.pid, 'SIGSTOP');
        await sleep(LEASE_MS * 1.25);
        process.kill(runner.program.pid, 'SIGCONT');
      }),
  },
  {
    name: 'runners are cut off in one direction',
    mayRepeat: true,
    recovery: GIVEN_BACK,
    // Where only the answers vanish, leases are renewed until the runner has given up its robots by itself.
    recoversWithin: LEASE_MS + GIVEN_BACK_MS,
    run: (scene) =>
      underLoad({ ...scene, faults: 1 }, async ({ cluster, seed, left }) => {
        const direction = seed.pick(['up', 'down'] as const);
        for (const runner of cluster.runners) left(runner);
        for (const link of cluster.runnerLinks) link.freeze(direction);
        await sleep(LEASE_MS * 1.25);
        for (const link of cluster.runnerLinks) link.freeze(null);
      }),
  },
  {
    name: 'a result comes after its lease has ended',
    mayRepeat: true,
    recovery: GIVEN_BACK,
    recoversWithin: GIVEN_BACK_MS,
    run: async ({ cluster, load, left }) => {
      const slots = cluster.runners.length * SLOTS;
      await load.start(slots, 50, { ms: 4000, laterMs: 40_000 });
      await until('every slot is busy', () => startsIn(cluster.ledger) === slots, { timeoutMs: 30_000 });
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
