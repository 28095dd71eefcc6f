/** Empties tenants whose time is over: their blobs, their rows in every table, their people. The audit chain stays. */
import { sql } from 'kysely';
import type { Blobs } from '../blobs/blobs.js';
import { deleteMember } from './members.js';
import type { Store } from './store.js';
import { setTenantState } from './tenant-rows.js';

/** What proves what was done outlives the tenant, as long as its own retention says. */
const KEPT = /^audit_/;
/** Rows that belong to a job or a runner, and name no tenant. */
const OF_JOBS = ['job_event', 'job_log', 'job_result', 'job_scheduled'] as const;
const BATCH = 200;

/** Any node may do it, also two at once; what was interrupted goes on at the next look. */
export async function purgeTenants(store: Store, blobs: Blobs): Promise<number> {
  const due = await store.db
    .selectFrom('tenant')
    .select('id')
    .where('state', '=', 'deleted')
    .where('purge_at', '<=', await store.now())
    .execute();
  for (const { id } of due) await purgeTenant(store, blobs, id);
  return due.length;
}

async function purgeTenant(store: Store, blobs: Blobs, tenantId: string): Promise<void> {
  // A table that is added later is emptied, too: it is asked for, not listed.
  const tables = (await store.db.introspection.getTables()).filter(
    ({ name, columns }) => !KEPT.test(name) && columns.some((column) => column.name === 'tenant_id'),
  );
  const withBlobs = tables.filter(({ columns }) => columns.some(({ name }) => name === 'blob_key'));
  // Runners first: what they hold comes to nothing, and none of them asks for more.
  await deleteRunners(store, tenantId);
  await deleteVersionRows(store, tenantId);
  for (const { name } of withBlobs) await deleteBlobs(store, blobs, name, tenantId);
  await deleteJobs(store, tenantId);
  await deleteKeyRows(store, tenantId);
  await deletePeople(store, tenantId);
  for (const { name } of tables) {
    await sql`delete from ${sql.table(name)} where tenant_id = ${tenantId}`.execute(store.db);
  }
  await store.transaction((tx) => setTenantState(tx, tenantId, 'purged', null));
}

async function deleteRunners({ db }: Store, tenantId: string): Promise<void> {
  const runners = db.selectFrom('runner').select('id').where('tenant_id', '=', tenantId);
  await db.deleteFrom('runner_assertion').where('runner_id', 'in', runners).execute();
  await db.deleteFrom('runner').where('tenant_id', '=', tenantId).execute();
}

/** The blob goes before the row that names it: what is interrupted is found again. */
async function deleteBlobs({ db }: Store, blobs: Blobs, table: string, tenantId: string): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ id: string; blob_key: string }>`
      select id, blob_key from ${sql.table(table)} where tenant_id = ${tenantId} limit ${BATCH}`.execute(db);
    if (rows.length === 0) return;
    for (const { blob_key } of rows) await blobs.delete(blob_key);
    const ids = sql.join(rows.map(({ id }) => id));
    await sql`delete from ${sql.table(table)} where id in (${ids})`.execute(db);
  }
}

async function deleteJobs({ db }: Store, tenantId: string): Promise<void> {
  for (;;) {
    const jobs = await db
      .selectFrom('job')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .limit(BATCH)
      .execute();
    if (jobs.length === 0) return;
    const ids = jobs.map(({ id }) => id);
    for (const table of OF_JOBS) await db.deleteFrom(table).where('job_id', 'in', ids).execute();
    await db.deleteFrom('job').where('id', 'in', ids).execute();
  }
}

/** What hangs on a key or an environment, and names no tenant. */
async function deleteKeyRows({ db }: Store, tenantId: string): Promise<void> {
  const keys = db.selectFrom('api_key').select('id').where('tenant_id', '=', tenantId);
  for (const table of ['api_usage', 'api_quota'] as const)
    await db.deleteFrom(table).where('key_id', 'in', keys).execute();
  const environments = db.selectFrom('environment').select('id').where('tenant_id', '=', tenantId);
  await db.deleteFrom('environment_rule').where('environment_id', 'in', environments).execute();
}

/** Signatures go while the versions that they belong to can still be asked for. */
async function deleteVersionRows({ db }: Store, tenantId: string): Promise<void> {
  const versions = db.selectFrom('robot_version').select('id').where('tenant_id', '=', tenantId);
  await db.deleteFrom('version_signature').where('version_id', 'in', versions).execute();
}

async function deletePeople(store: Store, tenantId: string): Promise<void> {
  const members = await store.db
    .selectFrom('member')
    .select('user_id')
    .where('tenant_id', '=', tenantId)
    .execute();
  for (const { user_id } of members) await store.transaction((tx) => deleteMember(tx, tenantId, user_id));
}
