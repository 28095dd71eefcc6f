/** Brings a database's schema up to this code's, under a lock, so that nodes may start together. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { RocError } from '../../kernel/errors.js';
import { type Log, silentLog } from '../../kernel/log.js';
import { MINUTE, SECOND } from '../../kernel/time.js';
import type { Dialect } from './dialect.js';
import { column, type Migration, type Step, table } from './migrations/step.js';
import { MIGRATIONS } from './migrations.js';
import type { Schema } from './schema.js';
import type { Store } from './store.js';
import { unhurried } from './trusted-connections.js';

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
}

export interface MigrateOptions {
  readonly log?: Log;
  /** Those of this code by default. */
  readonly migrations?: readonly Migration[];
}

/** An index on a table of millions of rows takes minutes, and the nodes that start meanwhile have nothing else to do. */
const LOCK_MS = 15 * MINUTE;
const TELL_EVERY_MS = 10 * SECOND;
/** The server's locks have no database of their own, and names of at most 64 characters. */
const LOCK_NAME = sql`concat('roc-migrate-', left(database(), 50))`;

/**
 * Applies the missing migrations, oldest first, and returns them. MySQL commits each DDL statement at once, so a
 * migration may have been left half done: every step looks first whether it is there.
 * @throws RocError ROC_SCHEMA_NEWER when the database has lost what this code needs
 */
export async function migrate(store: Store, options: MigrateOptions = {}): Promise<AppliedMigration[]> {
  try {
    return await store.db.connection().execute((db) => migrateLocked(db, store.dialect, options));
  } catch (error) {
    throw store.translateError(error);
  }
}

async function migrateLocked(
  db: Kysely<Schema>,
  dialect: Dialect,
  { log = silentLog, migrations = MIGRATIONS }: MigrateOptions,
): Promise<AppliedMigration[]> {
  await takeLock(db, dialect, log);
  try {
    for (const statement of dialect.beforeDdl) await statement.execute(db);
    const applied = await applyMissing(db, dialect, migrations, log);
    await releaseLock(db, dialect, 'commit');
    return applied;
  } catch (error) {
    // Where the connection is gone so is the lock, and what broke it is the story to tell.
    await releaseLock(db, dialect, 'rollback').catch(() => {});
    throw error;
  }
}

async function applyMissing(
  db: Kysely<Schema>,
  dialect: Dialect,
  migrations: readonly Migration[],
  log: Log,
): Promise<AppliedMigration[]> {
  for (const step of HISTORY) await applyStep(db, dialect, step);
  const rows = await db.selectFrom('schema_migration').select(['version', 'name', 'is_contract']).execute();
  const applied = new Set(rows.map(({ version }) => Number(version)));
  const known = new Set(migrations.map(({ version }) => version));
  const newer = rows.filter(({ version }) => !known.has(Number(version)));
  refuseContracted(newer.filter(({ is_contract }) => Number(is_contract) === 1));
  if (newer.length > 0)
    log.warn(
      { newer: newer.map(({ name }) => name) },
      'the database is of a newer roc; this one still works on it',
    );
  // Not only those above the highest: two that were written side by side may have come in either order.
  const missing = migrations.filter(({ version }) => !applied.has(version));
  for (const migration of missing) await applyMigration(db, dialect, migration);
  return missing.map(({ version, name }) => ({ version, name }));
}

function refuseContracted(contracts: readonly AppliedMigration[]): void {
  const last = contracts.at(-1);
  if (last === undefined) return;
  throw new RocError(
    'ROC_SCHEMA_NEWER',
    `a newer roc has taken away what this one needs of the database (migration ${last.version}, ${last.name})`,
    { hint: 'Start the version that wrote it, or a newer one; a schema never goes back, but a backup can.' },
  );
}

async function applyMigration(db: Kysely<Schema>, dialect: Dialect, migration: Migration): Promise<void> {
  for (const step of migration.steps) await applyStep(db, dialect, step);
  const { version, name, contract = false } = migration;
  await sql`insert into schema_migration (version, name, applied_at, is_contract)
    values (${version}, ${name}, ${dialect.now}, ${contract ? 1 : 0})`.execute(db);
}

async function applyStep(db: Kysely<Schema>, dialect: Dialect, step: Step): Promise<void> {
  if (step.kind !== 'fill') {
    const { rows } = await existsQuery(dialect, step).execute(db);
    if (Number(rows[0]?.found) > 0) return;
  }
  await whenUnlocked(dialect, () => unhurried(createStatement(dialect, step)).execute(db));
}

/**
 * A change of a table waits for the transactions that use it, and all others wait behind it: it gives way after some
 * seconds (`beforeDdl`), lets them through and tries again.
 */
async function whenUnlocked(dialect: Dialect, change: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await change();
      return;
    } catch (error) {
      if (dialect.name === 'sqlite' || !dialect.isTransient(error) || tries === DDL_TRIES) throw error;
      await pause(SECOND);
    }
  }
}

function existsQuery(dialect: Dialect, step: Exclude<Step, { kind: 'fill' }>) {
  switch (step.kind) {
    case 'table':
      return dialect.tableExists(step.table);
    case 'column':
      return dialect.columnExists(step.table, step.column);
    case 'index':
      return dialect.indexExists(step.table, indexName(step.table, step.index));
  }
}

function createStatement(dialect: Dialect, step: Step): RawBuilder<unknown> {
  if (step.kind === 'fill') return sql.raw(step.statement);
  if (step.kind === 'column') {
    return sql`alter table ${sql.id(step.table)} add column ${sql.id(step.column)} ${sql.raw(step.definition)}`;
  }
  if (step.kind === 'table') {
    return sql`create table ${sql.id(step.table)} (${sql.raw(step.columns)})${sql.raw(dialect.tableOptions)}`;
  }
  const unique = sql.raw(step.unique ? 'unique ' : '');
  const name = sql.id(indexName(step.table, step.index));
  const columns = sql.join(step.columns.map((column) => sql.id(column)));
  return sql`create ${unique}index ${name} on ${sql.id(step.table)} (${columns})`;
}

/** SQLite has one space of names for the indexes of all tables. */
function indexName(table: string, index: string): string {
  return `${table}_${index}`;
}

const HISTORY: readonly Step[] = [
  table(
    'schema_migration',
    'version integer not null, name varchar(190) not null, applied_at bigint not null, primary key (version)',
  ),
  column('schema_migration', 'is_contract', 'integer not null default 0'),
];

const DDL_TRIES = 20;

async function takeLock(db: Kysely<Schema>, dialect: Dialect, log: Log): Promise<void> {
  const from = performance.now();
  let told = 0;
  while (!(await tryLock(db, dialect))) {
    const waited = performance.now() - from;
    if (waited > LOCK_MS) {
      throw new RocError(
        'ROC_UNAVAILABLE',
        `another node has been migrating for ${LOCK_MS / MINUTE} minutes`,
        {
          hint: 'Look what the database is busy with (SHOW PROCESSLIST), and start this node again.',
        },
      );
    }
    if (waited >= told) {
      log.info({ waitedMs: Math.round(waited) }, 'another node migrates the database: waiting for it');
      told = waited + TELL_EVERY_MS;
    }
    await pause(50);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function tryLock(db: Kysely<Schema>, dialect: Dialect): Promise<boolean> {
  if (dialect.name === 'mysql') {
    const { rows } = await sql<{ taken: number }>`select get_lock(${LOCK_NAME}, 1) as taken`.execute(db);
    return Number(rows[0]?.taken) === 1;
  }
  try {
    await sql`begin immediate`.execute(db);
    return true;
  } catch (error) {
    if (dialect.isTransient(error)) return false;
    throw error;
  }
}

async function releaseLock(db: Kysely<Schema>, dialect: Dialect, end: 'commit' | 'rollback'): Promise<void> {
  if (dialect.name === 'sqlite') return void (await sql.raw(end).execute(db));
  for (const statement of dialect.afterDdl) await statement.execute(db);
  await sql`select release_lock(${LOCK_NAME})`.execute(db);
}
