/** What befalls the database, its secret and the blob store. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../helpers/until.js';
import { readLedger } from '../ledger.js';
import { watchNodes } from '../probe.js';
import { type Scenario, type Scene, SECOND, underLoad } from '../scenario.js';

const ACCEPTED = 'the next job is accepted';

export const STORE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'the database dies',
    mayRepeat: true,
    recovery: `${ACCEPTED} once it is back`,
    recoversWithin: 10 * SECOND,
    run: (scene) =>
      watched(scene, () =>
        underLoad(scene, async ({ cluster, load, recovered }) => {
          await cluster.mariadb.crashAndRestart();
          recovered(await load.nextAccepted());
        }),
      ),
  },
  {
    name: 'connections to the database are cut, commits unanswered',
    mayRepeat: true,
    recovery: `${ACCEPTED} once the link is well`,
    recoversWithin: 10 * SECOND,
    run: (scene) =>
      underLoad(scene, async ({ cluster, load, seed, recovered }) => {
        cluster.databaseLink.loseAnswers(0.05);
        await sleep(seed.between(300, 1500));
        cluster.databaseLink.loseAnswers(0);
        recovered(await load.nextAccepted());
      }),
  },
  {
    name: 'the host of the database vanishes, and another takes its place',
    mayRepeat: true,
    recovery: `${ACCEPTED} by the other one`,
    // A statement may take 30 s; after five more its connection is given up, and with it all that are as old.
    recoversWithin: 45 * SECOND,
    run: (scene) =>
      underLoad(scene, async ({ cluster, load, recovered }) => {
        cluster.databaseLink.strand();
        recovered(await load.nextAccepted());
      }),
  },
  {
    name: 'the secret of the database is rotated',
    mayRepeat: false,
    recovery: `${ACCEPTED} once the secret is written`,
    recoversWithin: 10 * SECOND,
    run: async (scene) => {
      const pids = scene.cluster.nodes.map(({ program }) => program.pid);
      await watched(scene, () =>
        underLoad(scene, async ({ cluster, load, seed, recovered, complain }) => {
          // RDS sets the password first, and only then writes down which one counts.
          await cluster.appUser.rotate(seed.between(0, 2000));
          recovered(await load.nextAccepted());
          if (await cluster.appUser.takesFormerPassword()) complain('the former password still counts');
        }),
      );
      const now = scene.cluster.nodes.map(({ program }) => program.pid);
      if (now.join() !== pids.join()) scene.complain('a node was started again');
    },
  },
  {
    name: 'the blob store goes away',
    mayRepeat: false,
    recovery: 'the first robot of a version that no runner has, once it is back',
    // A runner asks again each 10 s at most, and a request to a store that says nothing is given up after 10 s.
    recoversWithin: 30 * SECOND,
    run: (scene) =>
      watched(scene, () =>
        underLoad(scene, async ({ cluster, load, seed, recovered }, n) => {
          const version = `2.0.${n}`;
          await load.publish(version);
          cluster.blobLink.freeze('down');
          await load.deploy(version);
          await sleep(seed.between(3000, 12_000));
          cluster.blobLink.freeze(null);
          const from = performance.now();
          const isRun = () => readLedger(cluster.ledger).some((line) => line.version === version);
          await until('a robot of the new version runs', isRun, { timeoutMs: 180_000, everyMs: 50 });
          recovered(performance.now() - from);
        }),
      ),
  },
];

/** Meanwhile each node says that it is alive, and answers what it cannot do now by 503 with Retry-After. */
async function watched(scene: Scene, work: () => Promise<void>): Promise<void> {
  const probe = watchNodes(scene.cluster.nodes, scene.load.token);
  try {
    await work();
  } finally {
    for (const problem of await probe.stop()) scene.complain(problem);
  }
}
