/** The embedded database: libsql in WAL, one connection, each transaction a writer from its start. */
import { closeSync, openSync } from 'node:fs';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteDialect,
  type SqliteStatement,
} from 'kysely';
import Database from 'libsql';
import { RocError } from '../../kernel/errors.js';
import type { SqliteUrl } from './database-url.js';
import { sqliteDialect } from './dialect.js';
import type { Schema } from './schema.js';
import type { StoreEngine } from './store.js';
import { createWalSync } from './wal-sync.js';

/** @throws RocError ROC_DATA_DIR_UNUSABLE */
export function openSqlite(url: SqliteUrl): StoreEngine {
  const db = new Kysely<Schema>({
    dialect: new ImmediateSqliteDialect({ database: withStatementCache(openDatabase(url)) }),
  });
  const isDurable = url.synchronous === 'full' && url.path !== MEMORY;
  const wal = isDurable ? createWalSync(`${url.path}-wal`) : null;
  return {
    db,
    dialect: sqliteDialect,
    flush: () => wal?.flush() ?? Promise.resolve(),
    close: async () => {
      await wal?.close();
      await db.destroy();
    },
  };
}

const MEMORY = ':memory:';

function openDatabase({ path }: SqliteUrl): Database.Database {
  try {
    // The write-ahead log takes its mode from this file: password hashes are for nobody else's eyes.
    if (path !== MEMORY) closeSync(openSync(path, 'a', 0o600));
    const database = new Database(path);
    database.exec('pragma journal_mode = wal');
    // The log is written at each commit and synced by ours, for many commits at once.
    database.exec('pragma synchronous = normal');
    // Only another process can be in the way. The driver's wait blocks this one whole, so it is short, and who
    // still finds the database busy waits and tries again without blocking anybody.
    database.exec('pragma busy_timeout = 100');
    database.exec('pragma foreign_keys = off');
    return database;
  } catch (cause) {
    throw new RocError('ROC_DATA_DIR_UNUSABLE', `the database file ${path} cannot be opened`, {
      hint: 'Check that its folder exists, is writable, and holds a database of roc.',
      cause,
    });
  }
}

/** BEGIN IMMEDIATE: a transaction that reads first and writes later would else fail when another process wrote between. */
class ImmediateSqliteDialect extends SqliteDialect {
  override createDriver(): Driver {
    const driver = super.createDriver();
    driver.beginTransaction = async (connection: DatabaseConnection) => {
      await connection.executeQuery(BEGIN);
    };
    return driver;
  }
}

const BEGIN = CompiledQuery.raw('begin immediate');

const MAX_STATEMENTS = 300;

/** Kysely prepares each query anew; the same few texts come again and again, so their statements are kept. */
function withStatementCache(database: Database.Database): {
  prepare(sql: string): SqliteStatement;
  close(): void;
} {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare: (text) => {
      const known = statements.get(text);
      if (known !== undefined) return known;
      const statement = database.prepare(text) as unknown as SqliteStatement;
      if (statements.size >= MAX_STATEMENTS) statements.clear();
      statements.set(text, statement);
      return statement;
    },
    close: () => {
      statements.clear();
      database.close();
    },
  };
}
