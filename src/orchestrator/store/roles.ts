/** Roles of a tenant's own making, and how many hold each role. */
import type { Permission } from '../../protocol/permissions.js';
import { fromJson, toJson } from './rows.js';
import type { Reader, Tx } from './store.js';

export interface OwnRole {
  readonly name: string;
  readonly permissions: readonly Permission[];
}

export async function findOwnRole({ db }: Reader, tenantId: string, name: string): Promise<OwnRole | null> {
  const row = await db
    .selectFrom('role')
    .select(['name', 'permissions'])
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row === undefined ? null : { name, permissions: fromJson<Permission[]>(row.permissions) };
}

export async function listOwnRoles({ db }: Reader, tenantId: string): Promise<OwnRole[]> {
  const rows = await db
    .selectFrom('role')
    .select(['name', 'permissions'])
    .where('tenant_id', '=', tenantId)
    .orderBy('name')
    .execute();
  return rows.map(({ name, permissions }) => ({ name, permissions: fromJson<Permission[]>(permissions) }));
}

/** False where the tenant has one of that name. */
export async function insertRole(
  tx: Tx,
  role: OwnRole & { readonly tenantId: string; readonly createdBy: string },
): Promise<boolean> {
  try {
    await tx.db
      .insertInto('role')
      .values({
        tenant_id: role.tenantId,
        name: role.name,
        permissions: toJson(role.permissions),
        created_by: role.createdBy,
        created_at: await tx.now(),
      })
      .execute();
    return true;
  } catch (error) {
    if (tx.dialect.isDuplicate(error)) return false;
    throw error;
  }
}

export async function deleteRole({ db }: Tx, tenantId: string, name: string): Promise<void> {
  await db.deleteFrom('role').where('tenant_id', '=', tenantId).where('name', '=', name).execute();
}

/** People by role; a role that nobody holds is left out. */
export async function countHolders({ db }: Reader, tenantId: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('role_grant')
    .select(['role', ({ fn }) => fn.count<number>('user_id').distinct().as('n')])
    .where('tenant_id', '=', tenantId)
    .groupBy('role')
    .execute();
  return new Map(rows.map(({ role, n }) => [role, Number(n)]));
}
