/** Older schemas are brought up by processes that start together and are killed in the middle, while others write. */
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tablesOf } from '../../../src/orchestrator/data/tables.js';
import { migrate } from '../../../src/orchestrator/store/migrate.js';
import { MIGRATIONS } from '../../../src/orchestrator/store/migrations.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { openNode } from '../../contracts/store/fixture.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';
import { startRoc } from '../../helpers/roc.js';

const isLong = process.env['ROC_TEST_SIZE'] === 'long';
const opened: Store[] = [];
let server: Mariadb;

async function open(url: string): Promise<Store> {
  const store = await openNode(url);
  opened.push(store);
  return store;
}

/** A database as the roc of so many migrations left it. */
async function olderSchema(count: number): Promise<{ url: string; store: Store }> {
  const url = await server.createDatabase();
  const store = await open(url);
  await migrate(store, { migrations: MIGRATIONS.slice(0, count) });
  return { url, store };
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly needed: boolean;
}

/** Writes one row into every table as its columns are now, again and again, as the code of that schema would. */
async function rememberWriter(store: Store): Promise<(n: number) => Promise<void>> {
  const tables = (await tablesOf(store)).map(({ name }) => name);
  const columns = new Map<string, Column[]>();
  for (const table of tables) {
    const { rows } = await sql<{ name: string; type: string; nullable: string; fallback: string | null }>`
      select column_name as name, data_type as type, is_nullable as nullable, column_default as fallback
      from information_schema.columns where table_schema = database() and table_name = ${table}`.execute(
      store.db,
    );
    columns.set(
      table,
      rows.map(({ name, type, nullable, fallback }) => ({
        ...{ name, type, needed: nullable === 'NO' && fallback === null },
      })),
    );
  }
  return async (n) => {
    for (const [table, all] of columns) {
      const given = all.filter(({ needed }) => needed);
      // Short enough for every column that a name, a hash or a state fits in.
      const values = given.map(({ type }) => (/int/.test(type) ? n : `u${n}`));
      await sql`insert into ${sql.table(table)} (${sql.join(given.map(({ name }) => sql.ref(name)))})
        values (${sql.join(values)})`.execute(store.db);
    }
  };
}

async function countsOf(store: Store): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name } of await tablesOf(store)) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(store.db);
    counts[name] = Number(rows[0]?.n);
  }
  return counts;
}

async function shapeOf(store: Store): Promise<unknown> {
  const { rows } =
    await sql`select table_name, column_name, column_type, is_nullable from information_schema.columns
    where table_schema = database() order by table_name, column_name`.execute(store.db);
  const indexes =
    await sql`select table_name, index_name, seq_in_index, column_name from information_schema.statistics
    where table_schema = database() order by table_name, index_name, seq_in_index`.execute(store.db);
  return { columns: rows, indexes: indexes.rows };
}

/** A way to the database that counts what the client sends and calls `onSend` before each piece goes on. */
async function countedWay(url: string, onSend: (count: number) => void) {
  const target = new URL(url);
  let count = 0;
  const relay = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) socket.on('error', () => {}).setNoDelay(true);
    client.on('data', (bytes) => {
      onSend(++count);
      upstream.write(bytes);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    upstream.on('data', (bytes) => client.write(bytes));
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const port = (relay.address() as AddressInfo).port;
  return { url: Object.assign(target, { port: String(port) }).href, close: () => relay.close() };
}

describeWith(['mysql'], 'an older schema', () => {
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(async () => {
    for (const store of opened.splice(0)) await store.close();
    await server?.stop();
  });

  it('takes what the code before writes, after each migration that came later', async () => {
    const first = isLong ? 1 : MIGRATIONS.length - 3;
    for (let count = first; count < MIGRATIONS.length; count++) {
      const { store } = await olderSchema(count);
      const write = await rememberWriter(store);
      await write(1);
      const before = await countsOf(store);
      await migrate(store);
      await write(2);
      const after = await countsOf(store);
      // A fill may have added rows of its own.
      for (const [table, rows] of Object.entries(before))
        expect(after[table], `${table} after ${MIGRATIONS[count]?.name}`).toBeGreaterThanOrEqual(rows + 1);
    }
  });

  it('is brought up once by two nodes that start at once, while others write', async () => {
    const reference = await open(await server.createDatabase());
    await migrate(reference);
    const { url, store } = await olderSchema(3);
    const write = await rememberWriter(store);
    let [n, isOver] = [0, false];
    const writing = (async () => {
      while (!isOver) {
        await write(++n);
        await sleep(5);
      }
    })();
    writing.catch(() => {});
    const nodes = [1, 2].map(() => startRoc(['migrate', '--database', url, '--json']));
    const ends = await Promise.all(nodes.map(({ ended }) => ended));
    isOver = true;
    await writing;
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const applied = nodes.map((node) => (JSON.parse(node.stdout()) as { items: unknown[] }).items.length);
    expect(applied.sort((a, b) => a - b)).toEqual([0, MIGRATIONS.length - 3]);
    expect(await shapeOf(store)).toEqual(await shapeOf(reference));
    expect((await countsOf(store))['job_ready']).toBe(n);
    expect(n).toBeGreaterThan(2);
  });

  it('is whole after a kill -9 at any statement and another start', async () => {
    const reference = await open(await server.createDatabase());
    await migrate(reference);
    // Far above what the migrations send: the run that is not killed any more ends the loop.
    for (let killAt = isLong ? 1 : 10, isKilled = true; isKilled; killAt += isLong ? 3 : 60) {
      const { url, store } = await olderSchema(0);
      isKilled = false;
      const way = await countedWay(url, (count) => {
        if (count !== killAt) return;
        isKilled = true;
        process.kill(migrating.pid, 'SIGKILL');
      });
      const migrating = startRoc(['migrate', '--database', way.url, '--json']);
      const { signal } = await migrating.ended;
      way.close();
      expect(signal).toBe(isKilled ? 'SIGKILL' : null);
      const again = startRoc(['migrate', '--database', url, '--json']);
      expect((await again.ended).exitCode, again.stdout()).toBe(0);
      expect(await shapeOf(store), `killed at piece ${killAt}`).toEqual(await shapeOf(reference));
    }
  });

  it('of a newer roc that has taken something away is refused, with what to do', async () => {
    const { url, store } = await olderSchema(MIGRATIONS.length);
    const contract = { version: 9000, name: 'narrower', applied_at: 0, is_contract: 1 as const };
    await store.db.insertInto('schema_migration').values(contract).execute();
    const refused = startRoc(['migrate', '--database', url, '--json']);
    expect((await refused.ended).exitCode).toBe(2);
    const { error } = JSON.parse(refused.stdout()) as { error: { code: string; hint: string } };
    expect(error.code).toBe('ROC_SCHEMA_NEWER');
    expect(error.hint).toMatch(/newer/);
  });
});
