/** What a failover leaves behind: connections whose host is gone without a word, and such to a server that only reads. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSharedTransactions } from '../../../src/orchestrator/dispatch/shared-transactions.js';
import { enqueue } from '../../../src/orchestrator/jobs/enqueue.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { codeOf } from '../../contracts/store/context.js';
import { type Fixture, newJob, openFixture, openNode } from '../../contracts/store/fixture.js';
import { startTcpCutter } from '../../faults/tcp-cutter.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';

const CONNECTIONS = 4;

const linkTo = (url: string) =>
  startTcpCutter({ host: '127.0.0.1', port: Number(new URL(url).port) }, () => 1);

describeWith('mariadbd', 'a database that fails over', () => {
  let server: Mariadb;
  let url: string;
  let f: Fixture;
  beforeAll(async () => {
    server = await startMariadb({ own: true });
    url = await server.createDatabase();
    f = await openFixture(url);
    // As it should be in production: not the administrator, whom no server refuses to write.
    await server.execute("create user app@'%' identified by 'secret'");
    await server.execute(`grant all on ${new URL(url).pathname.slice(1)}.* to app@'%'`);
  });
  afterAll(async () => {
    await f?.store.close();
    await server?.stop();
  });

  const openAt = (port: number) => {
    const way = Object.assign(new URL(url), { port: `${port}`, username: 'app', password: 'secret' });
    return openNode(`${way.href}?connections=${CONNECTIONS}&statement-seconds=1`);
  };
  const startOn = (store: Store) => {
    const shared = createSharedTransactions(store);
    return shared(f.tenantId, { run: (tx) => enqueue(tx, newJob(f.tenantId)) });
  };
  /** Leaves as many connections idle as the pool may have. */
  const openAll = async (store: Store) => {
    const all = Array.from({ length: CONNECTIONS }, () => sql`select sleep(0.1)`.execute(store.db));
    await Promise.all(all);
  };

  it('is used again as soon as one dead connection has shown that all are', { timeout: 60_000 }, async () => {
    const link = await linkTo(url);
    const store = await openAt(link.port);
    try {
      await openAll(store);
      link.strand();
      expect(await codeOf(startOn(store))).toBe('ROC_UNAVAILABLE');
      const from = performance.now();
      await startOn(store);
      await Promise.all(Array.from({ length: CONNECTIONS }, () => store.now()));
      expect(performance.now() - from).toBeLessThan(5000);
    } finally {
      await store.close();
      await link.close();
    }
  });

  it('keeps no node from ending while a statement has no answer', { timeout: 60_000 }, async () => {
    const link = await linkTo(url);
    const store = await openAt(link.port);
    try {
      await openAll(store);
      link.strand();
      const asked = codeOf(store.ping());
      // It has its connection by then.
      await new Promise((resolve) => setTimeout(resolve, 200));
      await store.close();
      expect(await asked).toBe('ROC_UNAVAILABLE');
    } finally {
      await link.close();
    }
  });

  it('is not written to through connections to its former writer', { timeout: 60_000 }, async () => {
    const store = await openAt(Number(new URL(url).port));
    try {
      await openAll(store);
      await server.execute('set global read_only = 1');
      expect(await codeOf(startOn(store))).toBe('ROC_UNAVAILABLE');
      // Nothing is read there either: what it has may be old.
      expect(await codeOf(store.ping())).toBe('ROC_UNAVAILABLE');
      await server.execute('set global read_only = 0');
      const from = performance.now();
      await startOn(store);
      expect(performance.now() - from).toBeLessThan(5000);
      const threads = sql<{
        n: number;
      }>`select count(*) as n from information_schema.processlist where user = 'app'`;
      const { rows } = await threads.execute(f.store.db);
      expect(Number(rows[0]?.n)).toBeLessThan(CONNECTIONS);
    } finally {
      await server.execute('set global read_only = 0');
      await store.close();
    }
  });

  it('is away, not broken, for a transaction whose connection ends between two statements', async () => {
    const link = await linkTo(url);
    const store = await openAt(link.port);
    try {
      const ends = store.transaction(async (tx) => {
        await tx.now();
        link.cut();
        await new Promise((resolve) => setTimeout(resolve, 50));
        await sql`select 1`.execute(tx.db);
      });
      expect(await codeOf(ends)).toBe('ROC_UNAVAILABLE');
      await store.ping();
    } finally {
      await store.close();
      await link.close();
    }
  });
});
