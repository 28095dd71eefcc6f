import type { MysqlPoolConnection } from 'kysely';
import type { Pool } from 'mysql2';
import { expect, it } from 'vitest';
import { carefulPool, type PoolRules } from '../../../src/orchestrator/store/mysql-pool.js';

type Give = (error: Error | null, connection: unknown) => void;
type Answer = (error: unknown, result: unknown) => void;

/** A pool whose connections are all in use until the test gives one back. */
function busyPool() {
  const asked: Give[] = [];
  const pool = {
    config: { connectionConfig: {} },
    getConnection: (give: Give) => asked.push(give),
  } as unknown as Pool;
  return { pool, asked };
}

/** A connection that tells what is done with it, and answers as it is told to. */
function newConnection(answer: (text: string) => unknown = answerOf(0)) {
  const calls: string[] = [];
  const made = {
    query: (text: string, _parameters: unknown, done: Answer) => {
      calls.push(text);
      const given = answer(text);
      if (given instanceof Error) done(given, undefined);
      else if (given !== undefined) done(null, given);
    },
    release: () => calls.push('released'),
    destroy: () => calls.push('destroyed'),
  };
  return { made, calls };
}

const SET_UP = 'set a;set b;select @@global.read_only + @@global.innodb_read_only as is_read_only';

function answerOf(isReadOnly: number) {
  return (text: string) => (text === SET_UP ? [{}, {}, [{ is_read_only: isReadOnly }]] : []);
}

const rules: PoolRules = {
  password: { current: async () => 'secret', renew: async () => false },
  setUp: ['set a', 'set b'],
  answerMs: 10_000,
};

const connect = (pool: ReturnType<typeof carefulPool>) =>
  new Promise<MysqlPoolConnection>((resolve, reject) => {
    pool.getConnection((error, made) => (error === null ? resolve(made) : reject(error)));
  });

const asked = async (waiting: readonly unknown[]) => {
  while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
};

it('waits for a connection no longer than it is told to, and gives back one that comes too late', async () => {
  const { pool, asked: waiting } = busyPool();
  await expect(connect(carefulPool(pool, { ...rules, waitMs: 20 }))).rejects.toMatchObject({
    code: 'POOL_EXHAUSTED',
  });
  const { made, calls } = newConnection();
  waiting[0]?.(null, made);
  expect(calls).toEqual(['released']);
});

it('sets a connection up once, and hands it on', async () => {
  const { pool, asked: waiting } = busyPool();
  const careful = carefulPool(pool, rules);
  const { made, calls } = newConnection();
  for (const text of ['select 1', 'select 2']) {
    const coming = connect(careful);
    await asked(waiting);
    waiting.shift()?.(null, made);
    const connection = await coming;
    connection.query(text, [], () => {});
    connection.release();
  }
  expect(calls).toEqual([SET_UP, 'select 1', 'released', 'select 2', 'released']);
});

it.each([
  [
    'cannot be set up',
    () => Object.assign(new Error('no'), { code: 'ER_SERVER_SHUTDOWN' }),
    'ER_SERVER_SHUTDOWN',
  ],
  ['takes no writes', answerOf(1), 'READ_ONLY_DATABASE'],
  ['says nothing to it', () => undefined, 'PROTOCOL_SEQUENCE_TIMEOUT'],
])('ends a connection that %s, and tells why', async (_what, answer, code) => {
  const { pool, asked: waiting } = busyPool();
  const coming = connect(carefulPool(pool, { ...rules, waitMs: 500 }));
  await asked(waiting);
  const { made, calls } = newConnection(answer);
  waiting[0]?.(null, made);
  await expect(coming).rejects.toMatchObject({ code });
  expect(calls).toContain('destroyed');
});

it('ends connections that were made before one turned out to be a replica, and asks for others', async () => {
  const { pool, asked: waiting } = busyPool();
  const careful = carefulPool(pool, rules);
  const lend = async (made: unknown) => {
    const coming = connect(careful);
    await asked(waiting);
    waiting.shift()?.(null, made);
    return coming;
  };
  const old = newConnection();
  (await lend(old.made)).release();
  const demoted = newConnection((text) =>
    text === SET_UP ? answerOf(0)(text) : Object.assign(new Error('read-only'), { errno: 1290 }),
  );
  (await lend(demoted.made)).query('update', [], () => {});
  const coming = lend(old.made);
  await asked(waiting);
  while (!old.calls.includes('destroyed')) await new Promise((resolve) => setImmediate(resolve));
  await asked(waiting);
  const fresh = newConnection();
  waiting.shift()?.(null, fresh.made);
  (await coming).query('select 1', [], () => {});
  expect(fresh.calls).toEqual([SET_UP, 'select 1']);
});
