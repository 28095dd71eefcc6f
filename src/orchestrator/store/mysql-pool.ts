/** A mysql2 pool whose password may change while it runs: a rotated secret costs no restart. */
import type { MysqlPool, MysqlPoolConnection } from 'kysely';
import type { Pool, PoolConnection } from 'mysql2';
import { SECOND } from '../../kernel/time.js';
import type { DatabasePassword } from './database-password.js';
import { type HoldingConnection, holdStatements } from './held-statements.js';

/**
 * While all connections are busy requests wait for one. Longer than this they are better told to come back: those who
 * ask have given up by then, and work for nobody would keep the others waiting.
 */
const WAIT_MS = 8 * SECOND;

/**
 * Sets the password before a connection may have to be made, and tries once more with a renewed one where the
 * database refuses it. Connections that are open already stay: MySQL asks for the password at their start only.
 */
export function withPassword(pool: Pool, password: DatabasePassword, waitMs = WAIT_MS): MysqlPool {
  // mysql2 reads this object at each new connection of the pool; there is no other way to change it.
  const { connectionConfig } = (pool as unknown as { config: { connectionConfig: { password?: string } } })
    .config;
  const connect = async (): Promise<MysqlPoolConnection> => {
    await take();
    try {
      return await connection(pool, waitMs);
    } catch (error) {
      if (!isRefused(error) || !(await password.renew())) throw error;
      await take();
      return connection(pool, waitMs);
    }
  };
  const take = async () => {
    const text = await password.current();
    if (text !== undefined) connectionConfig.password = text;
  };
  return {
    getConnection: (done) => {
      connect().then(
        (made) => done(null, made),
        (error: unknown) => done(error, undefined as never),
      );
    },
    end: (done) => pool.end(done),
  };
}

/** One that comes after its time goes back unused: whoever wanted it has been answered. */
function connection(pool: Pool, waitMs: number): Promise<MysqlPoolConnection> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      const text = `no connection was free within ${waitMs} ms`;
      reject(Object.assign(new TypeError(text), { code: 'POOL_EXHAUSTED' }));
    }, waitMs);
    pool.getConnection((error, made) => {
      clearTimeout(timer);
      if (isLate) made?.release();
      else if (error === null) resolve(holding(made));
      else reject(error);
    });
  });
}

const known = new WeakMap<PoolConnection, MysqlPoolConnection>();

function holding(made: PoolConnection): MysqlPoolConnection {
  const wrapped = known.get(made) ?? holdStatements(made as unknown as HoldingConnection);
  known.set(made, wrapped);
  return wrapped;
}

function isRefused(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ER_ACCESS_DENIED_ERROR';
}
