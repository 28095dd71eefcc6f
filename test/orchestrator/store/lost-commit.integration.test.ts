/** The answer to a COMMIT is lost with its connection: what was asked is told to be uncertain, and is never done twice. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSharedTransactions } from '../../../src/orchestrator/dispatch/shared-transactions.js';
import { enqueue } from '../../../src/orchestrator/jobs/enqueue.js';
import { codeOf } from '../../contracts/store/context.js';
import { newJob, openFixture, openNode } from '../../contracts/store/fixture.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';
import { until } from '../../helpers/until.js';

describeWith('mysql', 'a link that breaks in a commit', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server?.stop());

  it.each([1, 3, 32])(
    'leaves each of %i starts that came together made once, and none told to be made',
    async (count) => {
      const url = await server.createDatabase();
      const f = await openFixture(url);
      const link = await startDeafLink(new URL(url));
      const store = await openNode(Object.assign(new URL(url), { port: `${link.port}` }).href);
      try {
        const shared = createSharedTransactions(store);
        const start = () => shared(f.tenantId, { run: (tx) => enqueue(tx, newJob(f.tenantId)) });
        await start();
        link.loseCommits();
        const ends = Promise.all(Array.from({ length: count }, () => codeOf(start())));
        const made = async () => (await f.store.db.selectFrom('job').select('id').execute()).length;
        await until('the commit', async () => (await made()) === 1 + count);
        link.hangUp();
        expect(new Set(await ends)).toEqual(new Set(['ROC_UNAVAILABLE']));
        expect(await made()).toBe(1 + count);
        await start();
      } finally {
        await store.close();
        await f.store.close();
        link.close();
      }
    },
  );
});

/** A relay that once passes a COMMIT on, keeps its answer back, and ends the connection when it is told to. */
async function startDeafLink(target: URL) {
  let isLosing = false;
  let hangUp = () => {};
  const relay = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    let isDeaf = false;
    client.on('data', (bytes) => {
      if (isLosing && bytes.toString('latin1').includes('commit')) {
        [isLosing, isDeaf] = [false, true];
        hangUp = end;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => isDeaf || client.write(bytes));
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end).setNoDelay(true);
  });
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (relay.address() as AddressInfo).port,
    loseCommits: () => {
      isLosing = true;
    },
    hangUp: () => hangUp(),
    close: () => void relay.close(),
  };
}
