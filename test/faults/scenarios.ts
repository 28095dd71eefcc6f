/** The faults, each with the load it meets. What is done to whom, and when, comes from the seed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../helpers/until.js';
import type { Cluster } from './cluster.js';
import { readLedger } from './ledger.js';
import type { Load } from './load.js';
import type { Seeded } from './seeded.js';

export interface Scenario {
  readonly name: string;
  /** What must hold beside "nothing lost, one end each"; see docs/reliability.md. */
  readonly mayRepeat: boolean;
  run(scene: Scene): Promise<void>;
}

export interface Scene {
  readonly cluster: Cluster;
  readonly load: Load;
  readonly seed: Seeded;
  /** Jobs to start in all. */
  readonly jobs: number;
  /** How often the fault is made. */
  readonly faults: number;
}

const PER_SECOND = 20;
const LEASE_MS = 60_000;
export const SLOTS = 4;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a runner dies',
    mayRepeat: true,
    run: (scene) =>
      underLoad(scene, async ({ cluster, seed }) => {
        const runner = seed.pick(cluster.runners);
        await runner.kill();
        await sleep(seed.between(100, 2000));
        await runner.restart();
      }),
  },
  {
    name: 'a node dies',
    mayRepeat: true,
    run: (scene) =>
      underLoad(scene, async ({ cluster, seed }) => {
        const node = seed.pick(cluster.nodes);
        await node.kill();
        await sleep(seed.between(200, 2000));
        await node.restart();
      }),
  },
  {
    name: 'a runner is frozen for longer than its lease',
    mayRepeat: true,
    run: (scene) =>
      underLoad({ ...scene, faults: 1 }, async ({ cluster, seed }) => {
        const { program } = seed.pick(cluster.runners);
        process.kill(program.pid, 'SIGSTOP');
        await sleep(LEASE_MS * 1.5);
        process.kill(program.pid, 'SIGCONT');
      }),
  },
  {
    name: 'runners are cut off in one direction',
    mayRepeat: true,
    run: (scene) =>
      underLoad({ ...scene, faults: 1 }, async ({ cluster, seed }) => {
        const direction = seed.pick(['up', 'down'] as const);
        for (const link of cluster.runnerLinks) link.freeze(direction);
        await sleep(LEASE_MS * 1.25);
        for (const link of cluster.runnerLinks) link.freeze(null);
      }),
  },
  {
    name: 'a result comes after its lease has ended',
    mayRepeat: true,
    run: async ({ cluster, load }) => {
      const slots = cluster.runners.length * SLOTS;
      await load.start(slots, 50, { ms: 4000, laterMs: 40_000 });
      await until('every slot is busy', () => startsIn(cluster.ledger) === slots, { timeoutMs: 30_000 });
      const [link] = cluster.runnerLinks;
      link?.freeze('up');
      // The others take over what this runner had, and are in the middle of it when its results arrive after all.
      await until('others took over', () => startsIn(cluster.ledger) > slots, { timeoutMs: 2 * LEASE_MS });
      await sleep(3000);
      link?.freeze(null);
    },
  },
  {
    name: 'all claim at once',
    mayRepeat: false,
    run: async ({ cluster, load, jobs }) => {
      await Promise.all(cluster.runners.map((runner) => runner.kill()));
      await load.start(jobs * 4, 200, { ms: 1 });
      await Promise.all(cluster.runners.map((runner) => runner.restart()));
    },
  },
  {
    name: 'the database dies',
    mayRepeat: true,
    run: (scene) => underLoad(scene, ({ cluster }) => cluster.mariadb.crashAndRestart()),
  },
  {
    name: 'connections to the database are cut, commits unanswered',
    mayRepeat: true,
    run: (scene) =>
      underLoad(scene, async ({ cluster, seed }) => {
        cluster.databaseLink.loseAnswers(0.05);
        await sleep(seed.between(300, 1500));
        cluster.databaseLink.loseAnswers(0);
      }),
  },
  {
    name: 'one answer in ten to a runner is lost',
    mayRepeat: true,
    run: async (scene) => {
      for (const link of scene.cluster.runnerLinks) link.loseAnswers(0.1);
      await underLoad({ ...scene, faults: 0 }, async () => {});
      await sleep(5000);
      for (const link of scene.cluster.runnerLinks) link.loseAnswers(0);
    },
  },
  {
    name: 'the blob store goes away',
    mayRepeat: true,
    run: (scene) =>
      underLoad(scene, async ({ cluster, seed }) => {
        cluster.blobLink.freeze('down');
        await sleep(seed.between(1000, 5000));
        cluster.blobLink.freeze(null);
      }),
  },
  {
    name: 'deploys and rollbacks under load',
    mayRepeat: false,
    run: async (scene) => {
      await scene.load.publish('2.0.0');
      let isNew = false;
      await underLoad(scene, async ({ load }) => {
        isNew = !isNew;
        if (isNew) await load.deploy('2.0.0');
        else await load.rollback();
      });
    },
  },
];

function startsIn(ledger: string): number {
  return readLedger(ledger).filter(({ phase }) => phase === 'start').length;
}

/** Starts the jobs, and while they come makes the fault so often, at moments that the seed chooses. */
async function underLoad(scene: Scene, fault: (scene: Scene) => Promise<void>): Promise<void> {
  const { load, seed, jobs, faults } = scene;
  const loading = load.start(jobs, PER_SECOND);
  const spread = (jobs / PER_SECOND) * 1000;
  for (let n = 0; n < faults; n++) {
    await sleep(seed.between(200, Math.max(300, Math.floor(spread / (faults + 1)))));
    await fault(scene);
  }
  await loading;
}
