/** Roles given to members of a tenant, on all of it, on a project or on a process. */
import { permissionsOf } from '../decide/permissions.js';
import type { Grant, GrantScope } from '../decide/reach.js';
import type { RoleGrantTable } from './member-tables.js';
import { fromJson } from './rows.js';
import type { Reader, Tx } from './store.js';

export type GrantSource = RoleGrantTable['source'];

export interface NewGrant {
  readonly tenantId: string;
  readonly userId: string;
  readonly role: string;
  readonly scope: GrantScope;
  readonly source: GrantSource;
  readonly createdBy: string;
}

/** Everything that a member's grants in a tenant add up to; those on what is no more are left out. */
export async function findGrants(
  { db }: Reader,
  {
    tenantId,
    tenant,
    userId,
  }: { readonly tenantId: string; readonly tenant: string; readonly userId: string },
): Promise<Grant[]> {
  const rows = await db
    .selectFrom('role_grant')
    .leftJoin('role', (join) =>
      join.onRef('role.tenant_id', '=', 'role_grant.tenant_id').onRef('role.name', '=', 'role_grant.role'),
    )
    .leftJoin('process', (join) =>
      join
        .onRef('process.id', '=', 'role_grant.scope_id')
        .onRef('process.tenant_id', '=', 'role_grant.tenant_id'),
    )
    .select(['role_grant.role', 'role_grant.scope_kind', 'role_grant.scope_id', 'role.permissions'])
    .select('process.project_id as process_project')
    .where('role_grant.tenant_id', '=', tenantId)
    .where('role_grant.user_id', '=', userId)
    .orderBy('role_grant.role')
    .execute();
  return rows.flatMap((row) => {
    const scope = scopeOf(row.scope_kind, row.scope_id, row.process_project);
    const own = fromJson<string[]>(row.permissions) ?? [];
    return scope === null
      ? []
      : [{ role: row.role, scope, permissions: permissionsOf(row.role, tenant, own) }];
  });
}

/** Gives a role; one that is held already stays. Says whether it is new. */
export async function insertGrant(tx: Tx, grant: NewGrant): Promise<boolean> {
  try {
    await tx.db
      .insertInto('role_grant')
      .values({ ...columnsOf(grant), created_by: grant.createdBy, created_at: await tx.now() })
      .execute();
    return true;
  } catch (error) {
    if (!tx.dialect.isDuplicate(error)) throw error;
    return false;
  }
}

/** Takes a role away; says whether it was there. */
export async function deleteGrant(tx: Tx, grant: Omit<NewGrant, 'createdBy'>): Promise<boolean> {
  const { numDeletedRows } = await tx.db
    .deleteFrom('role_grant')
    .where(({ and }) => and(columnsOf(grant)))
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows) > 0;
}

/** Roles on the whole tenant that follow somebody's groups. */
export async function listSsoRoles({ db }: Reader, tenantId: string, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('role_grant')
    .select('role')
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .where('source', '=', 'oidc')
    .execute();
  return rows.map(({ role }) => role);
}

export function scopeIdOf(scope: GrantScope): string {
  if (scope.kind === 'tenant') return '';
  return scope.kind === 'project' ? scope.projectId : scope.processId;
}

function columnsOf({ tenantId, userId, role, scope, source }: Omit<NewGrant, 'createdBy'>) {
  return {
    tenant_id: tenantId,
    user_id: userId,
    role,
    scope_kind: scope.kind,
    scope_id: scopeIdOf(scope),
    source,
  };
}

function scopeOf(
  kind: RoleGrantTable['scope_kind'],
  id: string,
  processProject: string | null,
): GrantScope | null {
  if (kind === 'tenant') return { kind };
  if (kind === 'project') return { kind, projectId: id };
  return processProject === null ? null : { kind, projectId: processProject, processId: id };
}
