import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chunkOf } from '../../../src/orchestrator/decide/token-bucket.js';
import { type LiveServer, startLiveServer } from '../../helpers/live-server.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';

const RPS = 50;
const OFFERED = 200;
const SECONDS = process.env['ROC_TEST_SIZE'] === 'long' ? 30 : 6;

describeWith('mysql', 'one API key through two servers on one MariaDB', () => {
  let mariadb: Mariadb;
  let nodes: LiveServer[];
  beforeAll(async () => {
    mariadb = await startMariadb();
    const database = await mariadb.createDatabase();
    const one = await startLiveServer({ database });
    nodes = [one, await startLiveServer({ database, beside: one })];
  });
  afterAll(async () => {
    for (const node of [...nodes].reverse()) await node.close();
    await mariadb.stop();
  });

  it(`stays within its ${RPS} a second and what the nodes have drawn, offered ${OFFERED} a second`, async () => {
    const [one] = nodes as [LiveServer];
    const body = { consumer: 'hammer', scopes: ['projects:read' as const], rps: RPS };
    const { id, key } = await one.ok('keys.create', { token: await one.tokenOf('owner'), body });
    const headers = { authorization: `Bearer ${key}` };
    const counts = new Map<number, number>();
    const sent: Promise<void>[] = [];
    const ask = async (node: LiveServer) => {
      const { status, body: stream } = await fetch(`${node.url}/api/v1/projects`, { headers });
      await stream?.cancel();
      counts.set(status, (counts.get(status) ?? 0) + 1);
    };
    const from = performance.now();
    for (let n = 0; n < OFFERED * SECONDS; n++) {
      sent.push(ask(nodes[n % nodes.length] as LiveServer));
      const ahead = (n * 1000) / OFFERED - (performance.now() - from);
      if (ahead > 5) await sleep(ahead);
    }
    await Promise.all(sent);
    const elapsed = (performance.now() - from) / 1000;
    const allowed = counts.get(200) ?? 0;
    const most = RPS + RPS * elapsed + nodes.length * chunkOf({ rps: RPS, daily: null });
    expect([...counts.keys()].sort()).toEqual([200, 429]);
    expect(allowed).toBeLessThanOrEqual(most);
    // Nor is what was paid for withheld: what two nodes draw and do not use in time is small.
    expect(allowed).toBeGreaterThanOrEqual(RPS * elapsed * 0.8);
    for (const node of nodes) await node.parts.auth.quotas.flush();
    const { items } = await one.ok('keys.usage', { token: await one.tokenOf('owner'), params: { id } });
    expect(items).toMatchObject([{ requests: allowed, denied: counts.get(429) }]);
  });

  it('lets no more through in a day than its day has, whatever nodes do with what they drew', async () => {
    const [one] = nodes as [LiveServer];
    const body = { consumer: 'daily', scopes: ['projects:read' as const], rps: 1000, daily: 123 };
    const { key } = await one.ok('keys.create', { token: await one.tokenOf('owner'), body });
    const ask = async (n: number) =>
      (await (nodes[n % 2] as LiveServer).send('projects.list', { token: key })).statusCode;
    const statuses: number[] = [];
    for (let round = 0; round < 8; round++)
      statuses.push(...(await Promise.all(Array.from({ length: 40 }, (_, n) => ask(n)))));
    const allowed = statuses.filter((status) => status === 200).length;
    expect(allowed).toBeLessThanOrEqual(123);
    expect(allowed).toBeGreaterThanOrEqual(123 - 2 * chunkOf({ rps: 1000, daily: 123 }));
  });
});
