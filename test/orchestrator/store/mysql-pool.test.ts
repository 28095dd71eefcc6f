import type { MysqlPoolConnection } from 'kysely';
import type { Pool } from 'mysql2';
import { expect, it } from 'vitest';
import { withPassword } from '../../../src/orchestrator/store/mysql-pool.js';

type Give = (error: Error | null, connection: unknown) => void;

/** A pool whose connections are all in use until the test gives one back. */
function busyPool() {
  const asked: Give[] = [];
  const pool = {
    config: { connectionConfig: {} },
    getConnection: (give: Give) => asked.push(give),
  } as unknown as Pool;
  return { pool, asked };
}

const password = { current: async () => 'secret', renew: async () => false };

const connect = (pool: ReturnType<typeof withPassword>) =>
  new Promise<MysqlPoolConnection>((resolve, reject) => {
    pool.getConnection((error, made) => (error === null ? resolve(made) : reject(error)));
  });

it('waits for a connection no longer than it is told to, and gives back one that comes too late', async () => {
  const { pool, asked } = busyPool();
  await expect(connect(withPassword(pool, password, 20))).rejects.toMatchObject({ code: 'POOL_EXHAUSTED' });
  let released = 0;
  asked[0]?.(null, { release: () => released++ });
  expect(released).toBe(1);
});

it('hands on a connection that comes in time', async () => {
  const { pool, asked } = busyPool();
  const waiting = connect(withPassword(pool, password, 10_000));
  while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const sent: string[] = [];
  const made = { release: () => sent.push('released'), query: (text: string) => sent.push(text) };
  asked[0]?.(null, made);
  const connection = await waiting;
  connection.query('select 1', [], () => {});
  connection.release();
  expect(sent).toEqual(['select 1', 'released']);
});
