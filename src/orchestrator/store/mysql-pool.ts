/** A mysql2 pool whose password may change while it runs, and whose connections are looked at before they are used. */
import type { MysqlPool, MysqlPoolConnection } from 'kysely';
import type { Pool, PoolConnection } from 'mysql2';
import { SECOND } from '../../kernel/time.js';
import type { DatabasePassword } from './database-password.js';
import { type HoldingConnection, holdStatements } from './held-statements.js';
import { createTrust, type Trust, watchAnswers } from './trusted-connections.js';

/**
 * While all connections are busy requests wait for one. Longer than this they are better told to come back: those who
 * ask have given up by then, and work for nobody would keep the others waiting.
 */
const WAIT_MS = 8 * SECOND;

export interface PoolRules {
  readonly password: DatabasePassword;
  /** Sent in one packet before a connection is used for the first time. Where one fails it is not used at all. */
  readonly setUp: readonly string[];
  /** Longer than the server itself lets a statement take: who then has no answer gets none. */
  readonly answerMs: number;
  readonly waitMs?: number;
}

/**
 * Sets the password before a connection may have to be made, and tries once more with a renewed one where the
 * database refuses it. Connections that are open already stay: MySQL asks for the password at their start only.
 */
export function carefulPool(pool: Pool, rules: PoolRules): MysqlPool {
  const { password } = rules;
  const trust = createTrust();
  const lend = lender(pool, trust, rules);
  // mysql2 reads this object at each new connection of the pool; there is no other way to change it.
  const { connectionConfig } = (pool as unknown as { config: { connectionConfig: { password?: string } } })
    .config;
  const connect = async (): Promise<MysqlPoolConnection> => {
    await take();
    try {
      return await lend();
    } catch (error) {
      if (!isRefused(error) || !(await password.renew())) throw error;
      await take();
      return lend();
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
    end: (done) => endWithin(pool, trust, done),
  };
}

/** A statement that is under way may end; one that gets no answer must not keep a node from ending. */
const END_MS = 3 * SECOND;

function endWithin(pool: Pool, trust: Trust, done: (error: unknown) => void): void {
  let isOver = false;
  const end = (error: unknown) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    done(error);
  };
  const timer = setTimeout(() => {
    for (const giveUp of [...trust.waiting]) giveUp();
    end(null);
  }, END_MS);
  pool.end(end);
}

interface Known {
  readonly connection: MysqlPoolConnection;
  /** What was lost of the trust when it was made. */
  readonly losses: number;
}

/** Gives connections that are set up and trusted; others are ended. */
function lender(
  pool: Pool,
  trust: Trust,
  { setUp, answerMs, waitMs = WAIT_MS }: PoolRules,
): () => Promise<MysqlPoolConnection> {
  const known = new WeakMap<PoolConnection, Known>();
  return async () => {
    for (;;) {
      const made = await connection(pool, waitMs);
      const former = known.get(made);
      if (former === undefined) {
        const { losses } = trust;
        await prepare(made, setUp, trust, waitMs);
        const watched = watchAnswers(made as unknown as HoldingConnection, trust, answerMs);
        const lent = holdStatements(watched);
        known.set(made, { connection: lent, losses });
        return lent;
      }
      if (former.losses === trust.losses) return former.connection;
      made.destroy();
    }
  };
}

/** One that comes after its time goes back unused: whoever wanted it has been answered. */
function connection(pool: Pool, waitMs: number): Promise<PoolConnection> {
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
      else if (error === null) resolve(made);
      else reject(error);
    });
  });
}

/** @throws what the server says of a statement, or READ_ONLY_DATABASE for one that takes no writes */
async function prepare(
  made: PoolConnection,
  setUp: readonly string[],
  trust: Trust,
  waitMs: number,
): Promise<void> {
  const { query } = watchAnswers(made as unknown as HoldingConnection, trust, waitMs);
  const text = [...setUp, 'select @@global.read_only + @@global.innodb_read_only as is_read_only'].join(';');
  try {
    const results = await new Promise<unknown>((resolve, reject) => {
      query(text, [], (error: unknown, result: unknown) => (error ? reject(error) : resolve(result)));
    });
    const rows = (results as unknown[]).at(-1) as { is_read_only: unknown }[];
    if (Number(rows[0]?.is_read_only) !== 0) throw readOnly();
  } catch (error) {
    made.destroy();
    throw error;
  }
}

function readOnly(): Error {
  return Object.assign(new TypeError('the database is read-only'), { code: 'READ_ONLY_DATABASE' });
}

function isRefused(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ER_ACCESS_DENIED_ERROR';
}
