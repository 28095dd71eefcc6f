/** MySQL 8.4 (tested on MariaDB 10.11): a mysql2 pool whose sessions read committed rows and refuse to truncate. */
import { readFileSync } from 'node:fs';
import { Kysely, MysqlDialect, sql } from 'kysely';
import { createPool, type PoolOptions } from 'mysql2';
import type { Log } from '../../kernel/log.js';
import { SECOND } from '../../kernel/time.js';
import type { DatabasePassword } from './database-password.js';
import type { MysqlUrl } from './database-url.js';
import { mysqlDialect } from './dialect.js';
import { carefulPool } from './mysql-pool.js';
import type { Schema } from './schema.js';
import type { StoreEngine } from './store.js';

export async function openMysql(url: MysqlUrl, log: Log, password: DatabasePassword): Promise<StoreEngine> {
  const pool = createPool(poolOptions(url));
  const careful = carefulPool(pool, {
    password,
    setUp: sessionStatements(url),
    answerMs: url.statementMs + ANSWER_GRACE_MS,
  });
  const db = new Kysely<Schema>({ dialect: new MysqlDialect({ pool: careful }) });
  await warnIfNotDurable(db, log);
  return { db, dialect: mysqlDialect, flush: () => Promise.resolve(), close: () => db.destroy() };
}

/** The server syncs at commit by default; where it was told not to, a power cut of its host takes accepted jobs. */
async function warnIfNotDurable(db: Kysely<Schema>, log: Log): Promise<void> {
  const query = sql<{ flush: number }>`select @@global.innodb_flush_log_at_trx_commit as flush`;
  const answer = await query.execute(db).catch(() => null);
  const flush = Number(answer?.rows[0]?.flush ?? 1);
  if (flush !== 1) {
    log.warn(
      { innodb_flush_log_at_trx_commit: flush },
      'the database may lose its newest commits in a power cut: set innodb_flush_log_at_trx_commit to 1',
    );
  }
}

/** So long the server keeps a connection that asks nothing, also in the middle of a transaction. */
const IDLE_SECONDS = 60;

/** What an answer may take on its way beyond what the server grants a statement. */
const ANSWER_GRACE_MS = 5 * SECOND;

const sessionStatements = ({ statementMs }: MysqlUrl) => [
  // REPEATABLE READ would lock the gaps between queue rows: insert and delete then meet in deadlocks.
  'set session transaction isolation level read committed',
  // Strict, because a name or a log line that is cut in silence is a lie.
  `set session time_zone = '+00:00', innodb_lock_wait_timeout = 10,
   sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'`,
  // The locks of a node that vanished, or froze in the middle of a transaction, must not be kept for hours.
  `set session wait_timeout = ${IDLE_SECONDS}`,
  // One that runs away must not hold a connection for ever. MySQL 8 reads the first comment, MariaDB the second.
  `set session net_write_timeout = 60 /*!80000 , max_execution_time = ${statementMs} */
   /*M!100101 , max_statement_time = ${statementMs / 1000} */`,
];

function poolOptions(url: MysqlUrl): PoolOptions {
  return {
    host: url.host,
    port: url.port,
    user: url.user,
    database: url.database,
    ...(url.tls === 'off' ? {} : { ssl: tlsOptions(url) }),
    // A token of IAM goes to the server as it is; that is what TLS was demanded for.
    ...(url.auth === 'iam' ? { enableCleartextPlugin: true } : {}),
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    connectionLimit: url.connections,
    connectTimeout: 5000,
    // Given up well before the server would; only a pool that may have fewer looks after it.
    maxIdle: Math.max(1, url.connections - 1),
    idleTimeout: (IDLE_SECONDS * SECOND) / 2,
    // A host that vanished while nothing was asked of it: the system would look for it after two hours.
    enableKeepAlive: true,
    keepAliveInitialDelay: 10 * SECOND,
    // For what is held until the next statement, held-statements.ts; no parameter is ever more than one value.
    multipleStatements: true,
    stringifyObjects: true,
  };
}

function tlsOptions(url: MysqlUrl): NonNullable<PoolOptions['ssl']> {
  const ca = url.caFile === undefined ? {} : { ca: readFileSync(url.caFile, 'utf8') };
  return { ...ca, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' };
}
