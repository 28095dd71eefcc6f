/** A mysql2 pool whose password may change while it runs: a rotated secret costs no restart. */
import type { MysqlPool, MysqlPoolConnection } from 'kysely';
import type { Pool } from 'mysql2';
import type { DatabasePassword } from './database-password.js';

/**
 * Sets the password before a connection may have to be made, and tries once more with a renewed one where the
 * database refuses it. Connections that are open already stay: MySQL asks for the password at their start only.
 */
export function withPassword(pool: Pool, password: DatabasePassword): MysqlPool {
  // mysql2 reads this object at each new connection of the pool; there is no other way to change it.
  const { connectionConfig } = (pool as unknown as { config: { connectionConfig: { password?: string } } })
    .config;
  const connect = async (): Promise<MysqlPoolConnection> => {
    await take();
    try {
      return await connection(pool);
    } catch (error) {
      if (!isRefused(error) || !(await password.renew())) throw error;
      await take();
      return connection(pool);
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

function connection(pool: Pool): Promise<MysqlPoolConnection> {
  return new Promise((resolve, reject) => {
    pool.getConnection((error, made) => {
      if (error === null) resolve(made as unknown as MysqlPoolConnection);
      else reject(error);
    });
  });
}

function isRefused(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ER_ACCESS_DENIED_ERROR';
}
