/** Tenants as rows: made with their first places, closed, opened again, listed. */
import { RocError } from '../../kernel/errors.js';
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { insertPlace, type PlaceKind } from './places.js';
import { found } from './rows.js';
import type { Reader, Tx } from './store.js';

export type Tenant = ReplyOf<'tenants.show'>;

/** What every tenant begins with. */
export const FIRST_PLACES: readonly (readonly [PlaceKind, string])[] = [
  ['project', 'default'],
  ['pool', 'default'],
  ['environment', 'dev'],
  ['environment', 'staging'],
  ['environment', 'prod'],
];

/** The new tenant's id with its places, or null where the name is taken. */
export async function insertTenant(tx: Tx, name: string): Promise<string | null> {
  const id = await tx.newId();
  try {
    await tx.db
      .insertInto('tenant')
      .values({ id, name, created_at: await tx.now() })
      .execute();
  } catch (error) {
    if (tx.dialect.isDuplicate(error)) return null;
    throw error;
  }
  for (const [kind, place] of FIRST_PLACES) await insertPlace(tx, kind, id, place);
  return id;
}

/** @throws RocError ROC_NOT_FOUND */
export async function getTenant({ db }: Reader, name: string): Promise<Tenant> {
  const row = await db.selectFrom('tenant').selectAll().where('name', '=', name).executeTakeFirst();
  return toTenant(found(row, `tenant ${name}`, 'See `roc tenants list`.'));
}

/** As getTenant, held until the transaction ends. */
export async function lockTenant({ db, dialect }: Tx, name: string): Promise<Tenant> {
  const row = await dialect
    .lock(db.selectFrom('tenant').selectAll().where('name', '=', name))
    .executeTakeFirst();
  return toTenant(found(row, `tenant ${name}`, 'See `roc tenants list`.'));
}

/** Makes changes to who owns a tenant wait for one another. */
export async function holdTenant({ db, dialect }: Tx, tenantId: string): Promise<void> {
  await dialect.lock(db.selectFrom('tenant').select('id').where('id', '=', tenantId)).execute();
}

export async function setTenantState(
  tx: Tx,
  id: string,
  state: Tenant['state'],
  purgeAt: number | null,
): Promise<void> {
  await tx.db.updateTable('tenant').set({ state, purge_at: purgeAt }).where('id', '=', id).execute();
}

export async function demandSecondFactor(tx: Tx, id: string, isDemanded: boolean): Promise<void> {
  const needs_second_factor = isDemanded ? (1 as const) : (0 as const);
  await tx.db.updateTable('tenant').set({ needs_second_factor }).where('id', '=', id).execute();
}

export async function needsSecondFactor({ db }: Reader, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('tenant')
    .select('needs_second_factor')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.needs_second_factor === 1;
}

/** The name of a tenant that is open. @throws RocError ROC_FORBIDDEN */
export async function requireActiveTenant({ db }: Reader, id: string): Promise<string> {
  const row = await db.selectFrom('tenant').select(['name', 'state']).where('id', '=', id).executeTakeFirst();
  if (row?.state === 'active') return row.name;
  throw new RocError('ROC_FORBIDDEN', 'this tenant is closed', { hint: 'Ask whoever runs the server.' });
}

/** By name. */
export async function listTenants({ db }: Reader, query: PageQuery): Promise<Page<Tenant>> {
  const rows = await db
    .selectFrom('tenant')
    .selectAll()
    .where('name', '>', keyOfCursor(query) ?? '')
    .orderBy('name')
    .limit(query.limit + 1)
    .execute();
  return pageOf(rows, query, ({ name }) => name, toTenant);
}

function toTenant(row: {
  id: string;
  name: string;
  state: Tenant['state'];
  purge_at: number | null;
  needs_second_factor: 0 | 1;
  created_at: number;
}): Tenant {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    createdAt: isoTime(row.created_at),
    purgeAt: isoTime(row.purge_at),
    needsSecondFactor: row.needs_second_factor === 1,
  };
}
