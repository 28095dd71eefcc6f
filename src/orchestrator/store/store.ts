/** What the rest of the orchestrator knows of the database: readers, transactions with retry, database time. */
import { type Kysely, sql, type Transaction } from 'kysely';
import { RocError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import type { Clock } from '../../kernel/time.js';
import type { JobState } from '../../protocol/job-states.js';
import type { Dialect } from './dialect.js';
import { newUlid } from './ids.js';
import type { Schema } from './schema.js';

/** Enough to read: the store itself, or an open transaction. */
export interface Reader {
  readonly db: Kysely<Schema>;
  readonly dialect: Dialect;
  /** Epoch milliseconds of the database's clock, which alone decides what is due or expired. */
  now(): Promise<number>;
}

/** One open transaction. Time is read once, so that all its rows agree. */
export interface Tx extends Reader {
  readonly db: Transaction<Schema>;
  /** The database's time, where a statement of this transaction has read it along: spares one of its own. */
  readNow(databaseNow: number): void;
  /** A new ULID that carries the database's time. */
  newId(): Promise<string>;
  readonly random: () => number;
  /** Says that a pool has one more ready job; told on once the transaction has committed. */
  wake(poolId: string): void;
  /** Says that a job has come to a state; told on once the transaction has committed. */
  tell(change: JobChange): void;
}

export interface JobChange {
  readonly jobId: string;
  readonly state: JobState;
}

export interface Store extends Reader {
  /** Runs the work in one transaction; a deadlock, lock time-out or busy database runs all of it again, at most 5 times. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** As `transaction`, but whatever goes wrong is told as it is, and nothing is run again. */
  transactionOnce<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** @throws RocError ROC_UNAVAILABLE when the database does not answer */
  ping(): Promise<void>;
  /** A driver's error as ROC_UNAVAILABLE where the database is away; anything else comes back as it was. */
  translateError(error: unknown): unknown;
  close(): Promise<void>;
}

/** A connected database. */
export interface StoreEngine {
  readonly db: Kysely<Schema>;
  readonly dialect: Dialect;
  /** Resolves once all that was committed is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreParts extends StoreEngine {
  readonly log: Log;
  /** Replaces the database's clock: for tests, and simulations. */
  readonly clock: Clock | null;
  readonly random: () => number;
  /** Pools that got ready jobs in a transaction that has committed, each as often as it got one. */
  readonly onReady: (poolIds: readonly string[]) => void;
  /** Jobs whose state a transaction of this node has changed, in order. */
  readonly onChange: (changes: readonly JobChange[]) => void;
}

const MAX_RETRIES = 5;

export function createStore(parts: StoreParts): Store {
  const { db, dialect } = parts;
  const translateError = (error: unknown) => translate(dialect, error);
  const now = () => databaseTime(parts, db);
  return {
    db,
    dialect,
    now,
    translateError,
    transaction: (work) => withRetry(parts, () => runOnce(parts, work)),
    transactionOnce: (work) => runOnce(parts, work),
    ping: async () => {
      await databaseTime({ ...parts, clock: null }, db).catch((error: unknown) => {
        throw translateError(error);
      });
    },
    close: parts.close,
  };
}

async function runOnce<T>(parts: StoreParts, work: (tx: Tx) => Promise<T>): Promise<T> {
  const news: News = { woken: [], changes: [] };
  const result = await parts.db.transaction().execute((trx) => work(openTx(parts, trx, news)));
  await parts.flush();
  if (news.changes.length > 0) parts.onChange(news.changes);
  if (news.woken.length > 0) parts.onReady(news.woken);
  return result;
}

/** What is told on when a transaction has committed, and forgotten when it has not. */
interface News {
  readonly woken: string[];
  readonly changes: JobChange[];
}

function openTx(parts: StoreParts, db: Transaction<Schema>, { woken, changes }: News): Tx {
  let time: Promise<number> | undefined;
  const now = () => {
    time ??= databaseTime(parts, db);
    return time;
  };
  return {
    db,
    dialect: parts.dialect,
    random: parts.random,
    now,
    readNow: (databaseNow) => {
      if (parts.clock === null) time ??= Promise.resolve(Number(databaseNow));
    },
    newId: async () => newUlid(await now()),
    wake: (poolId) => {
      woken.push(poolId);
    },
    tell: (change) => {
      changes.push(change);
    },
  };
}

async function withRetry<T>(parts: StoreParts, attempt: () => Promise<T>): Promise<T> {
  for (let retry = 0; ; retry++) {
    try {
      return await attempt();
    } catch (error) {
      if (!parts.dialect.isTransient(error) || retry === MAX_RETRIES) throw translate(parts.dialect, error);
      parts.log.debug({ retry: retry + 1, code: (error as { code?: string }).code }, 'transaction retried');
      // Full jitter: two that met once should not meet again.
      await sleep(parts.random() * 10 * 2 ** retry);
    }
  }
}

async function databaseTime(parts: StoreParts, db: Kysely<Schema>): Promise<number> {
  if (parts.clock !== null) return parts.clock();
  const { rows } = await sql<{ now: number }>`select ${parts.dialect.now} as now`.execute(db);
  return Number(rows[0]?.now);
}

function translate(dialect: Dialect, error: unknown): unknown {
  const outage = dialect.isTransient(error) ? 'the database is too busy' : dialect.outage(error);
  if (outage === null) return error;
  return new RocError('ROC_UNAVAILABLE', outage, {
    hint: 'Try again in a few seconds; if it stays so, check the database and its URL (`roc doctor`).',
    cause: error,
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
