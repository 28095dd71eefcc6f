/** Brings a database's schema up to this code's, under a lock, so that nodes may start together. */
import { type Kysely, sql } from 'kysely';
import { RocError } from '../../kernel/errors.js';
import { MINUTE, SECOND } from '../../kernel/time.js';
import type { Dialect } from './dialect.js';
import type { Migration, Step } from './migrations/step.js';
import { MIGRATIONS } from './migrations.js';
import type { Schema } from './schema.js';
import type { Store } from './store.js';

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
}

const LOCK_MS = MINUTE;
/** The server's locks have no database of their own, and names of at most 64 characters. */
const LOCK_NAME = sql`concat('roc-migrate-', left(database(), 50))`;

/**
 * Applies the missing migrations, oldest first, and returns them. MySQL commits each DDL statement at once, so a
 * migration may have been left half done: every step looks first whether it is there.
 * @throws RocError ROC_PRECONDITION_FAILED when the database is newer than this code
 */
export async function migrate(store: Store): Promise<AppliedMigration[]> {
  try {
    return await store.db.connection().execute((db) => migrateLocked(db, store.dialect));
  } catch (error) {
    throw store.translateError(error);
  }
}

async function migrateLocked(db: Kysely<Schema>, dialect: Dialect): Promise<AppliedMigration[]> {
  await takeLock(db, dialect);
  try {
    const applied = await applyMissing(db, dialect);
    await releaseLock(db, dialect, 'commit');
    return applied;
  } catch (error) {
    await releaseLock(db, dialect, 'rollback');
    throw error;
  }
}

async function applyMissing(db: Kysely<Schema>, dialect: Dialect): Promise<AppliedMigration[]> {
  await applyStep(db, dialect, HISTORY);
  const rows = await db.selectFrom('schema_migration').select('version').execute();
  const applied = new Set(rows.map(({ version }) => Number(version)));
  refuseNewer(Math.max(0, ...applied));
  // Not only those above the highest: two that were written side by side may have come in either order.
  const missing = MIGRATIONS.filter(({ version }) => !applied.has(version));
  for (const migration of missing) await applyMigration(db, dialect, migration);
  return missing.map(({ version, name }) => ({ version, name }));
}

function refuseNewer(found: number): void {
  const known = MIGRATIONS.at(-1)?.version ?? 0;
  if (found <= known) return;
  throw new RocError(
    'ROC_PRECONDITION_FAILED',
    `the database has schema ${found}, this roc knows schemas up to ${known}`,
    { hint: 'Run the roc that wrote it, or a newer one; a schema never goes back.' },
  );
}

async function applyMigration(db: Kysely<Schema>, dialect: Dialect, migration: Migration): Promise<void> {
  for (const step of migration.steps) await applyStep(db, dialect, step);
  await sql`insert into schema_migration (version, name, applied_at) values (${migration.version}, ${migration.name}, ${dialect.now})`.execute(
    db,
  );
}

async function applyStep(db: Kysely<Schema>, dialect: Dialect, step: Step): Promise<void> {
  if (step.kind !== 'fill') {
    const { rows } = await existsQuery(dialect, step).execute(db);
    if (Number(rows[0]?.found) > 0) return;
  }
  await createStatement(dialect, step).execute(db);
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

function createStatement(dialect: Dialect, step: Step) {
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

const HISTORY: Step = {
  kind: 'table',
  table: 'schema_migration',
  columns:
    'version integer not null, name varchar(190) not null, applied_at bigint not null, primary key (version)',
};

async function takeLock(db: Kysely<Schema>, dialect: Dialect): Promise<void> {
  const deadline = performance.now() + LOCK_MS;
  while (!(await tryLock(db, dialect))) {
    if (performance.now() > deadline) {
      throw new RocError(
        'ROC_UNAVAILABLE',
        `another node has been migrating for ${LOCK_MS / SECOND} seconds`,
        {
          hint: 'Wait until it is done; `roc migrate` on one node shows its progress.',
        },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
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
  if (dialect.name === 'sqlite') await sql.raw(end).execute(db);
  else await sql`select release_lock(${LOCK_NAME})`.execute(db);
}
