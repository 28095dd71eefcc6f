/** What befalls the nodes, by accident and on purpose. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster.js';
import type { Node } from '../members.js';
import { nextVersion } from '../next-version.js';
import { type Scenario, type Scene, SECOND, underLoad } from '../scenario.js';
import { startStrictClients } from '../strict-clients.js';

/** The load balancer's deregistration delay (30 s in the stack), scaled down; a node hears of its drain within 7 s. */
const DEREGISTRATION_MS = 9 * SECOND;

export const NODE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a node dies',
    mayRepeat: true,
    recovery: 'the next job is accepted',
    recoversWithin: 10 * SECOND,
    run: (scene) =>
      underLoad(scene, async ({ cluster, load, seed, recovered }) => {
        const node = seed.pick(cluster.nodes);
        await node.kill();
        recovered(await load.nextAccepted());
        await sleep(seed.between(200, 2000));
        await node.restart();
      }),
  },
  {
    name: 'all claim at once',
    mayRepeat: false,
    recovery: 'none measured',
    recoversWithin: 0,
    run: async ({ cluster, load, jobs }) => {
      await Promise.all(cluster.runners.map((runner) => runner.kill()));
      await load.start(jobs * 4, 200, { ms: 1 });
      await Promise.all(cluster.runners.map((runner) => runner.restart()));
    },
  },
  {
    name: 'both nodes are restarted, one after the other',
    mayRepeat: false,
    recovery: 'a node has ended after SIGTERM',
    recoversWithin: 30 * SECOND,
    run: (scene) =>
      underLoad(scene, async ({ cluster }) => {
        for (const node of cluster.nodes) {
          await endWell(scene, node);
          await node.restart();
        }
      }),
  },
  {
    name: 'nodes are drained and replaced behind the load balancer',
    mayRepeat: false,
    recovery: 'a node has ended after SIGTERM',
    recoversWithin: 30 * SECOND,
    run: async (scene) => {
      const { cluster, load } = scene;
      const before = load.refused();
      await underLoad({ ...scene, faults: Math.min(2, scene.faults) }, async (_, n) => {
        const clients = await startStrictClients(scene, n);
        const index = n % cluster.nodes.length;
        await replace(scene, index);
        for (const problem of await clients.end()) scene.complain(problem);
      });
      if (load.refused() > before)
        scene.complain(`${load.refused() - before} requests to start a job failed`);
      if (hasUnreachable(cluster)) scene.complain('a runner could not reach the servers');
    },
  },
  {
    name: 'two versions at once',
    mayRepeat: false,
    recovery: 'a node has ended after SIGTERM',
    recoversWithin: 30 * SECOND,
    run: async (scene) => {
      const next = nextVersion();
      const [first, second] = scene.cluster.nodes as [Node, Node];
      await underLoad({ ...scene, faults: 1 }, async () => {
        await endWell(scene, first);
        // It changes the schema under the feet of the other, which goes on.
        await first.restart(next);
        await sleep(5 * SECOND);
        await second.kill();
        // In the middle of an upgrade a machine may die, and come back as it was.
        await second.restart();
        await sleep(5 * SECOND);
        await endWell(scene, second);
        await second.restart(next);
        await sleep(2 * SECOND);
      });
    },
  },
];

async function endWell(scene: Scene, node: Node): Promise<void> {
  const from = performance.now();
  const { exitCode } = await node.end();
  scene.recovered(performance.now() - from);
  if (exitCode !== 0) scene.complain(`${node.name} ended with ${exitCode}: ${node.program.stderr()}`);
}

/** As a load balancer and whoever replaces the machine do it: drain, deregister, wait, end, start, register. */
async function replace(scene: Scene, index: number): Promise<void> {
  const { cluster, load } = scene;
  const node = cluster.nodes[index] as Node;
  const { items } = await load.client.call('nodes.list', { query: { limit: 100 } });
  const id = items.find(({ instanceId, state }) => instanceId === node.name && state === 'online')?.id ?? '';
  await load.client.call('nodes.drain', { params: { id } });
  await cluster.balancer.setServer(index, 'drain');
  await sleep(DEREGISTRATION_MS);
  await endWell(scene, node);
  await node.restart();
  await cluster.balancer.setServer(index, 'ready');
  await sleep(2 * SECOND);
}

function hasUnreachable({ runners }: Cluster): boolean {
  return runners.some(({ program }) => program.stdout().includes('"event":"unreachable"'));
}
