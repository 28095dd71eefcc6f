/** Opens the store that a database URL names. */
import type { Log } from '../../kernel/log.js';
import type { Clock } from '../../kernel/time.js';
import { databasePassword } from './database-password.js';
import { type MysqlUrl, parseDatabaseUrl } from './database-url.js';
import { openSqlite } from './sqlite.js';
import { createStore, type JobChange, type Store, type StoreEngine } from './store.js';

export interface OpenStoreOptions {
  /** `sqlite:PATH` or `mysql://user[:password]@host/database`. */
  readonly url: string;
  readonly log: Log;
  /** For a password that AWS keeps or makes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Told after a commit that made jobs ready, with one pool id for each of them: wakes this node's waiting polls. */
  readonly onReady?: (poolIds: readonly string[]) => void;
  /** Told after a commit that changed the states of jobs: feeds this node's event streams and metrics. */
  readonly onChange?: (changes: readonly JobChange[]) => void;
  /** Replaces the database's clock: for tests and simulations. */
  readonly clock?: Clock;
  /** Numbers in [0, 1) for jitter. */
  readonly random?: () => number;
}

/**
 * Connects and proves that the database answers; the schema is {@link migrate}'s.
 * @throws RocError ROC_CONFIG_INVALID, ROC_DATA_DIR_UNUSABLE, ROC_UNAVAILABLE
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const url = parseDatabaseUrl(options.url);
  const engine = url.kind === 'sqlite' ? openSqlite(url) : await openMysqlLazily(url, options);
  const store = createStore({
    ...engine,
    log: options.log,
    clock: options.clock ?? null,
    random: options.random ?? Math.random,
    onReady: options.onReady ?? (() => {}),
    onChange: options.onChange ?? (() => {}),
  });
  try {
    await store.ping();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

/** SQLite alone never loads the MySQL driver. */
async function openMysqlLazily(url: MysqlUrl, { log, env = {} }: OpenStoreOptions): Promise<StoreEngine> {
  const { openMysql } = await import('./mysql.js');
  return openMysql(url, log, databasePassword(url, env));
}
