/** Roles: made, deleted, given, taken away. */
import { RocError } from '../../kernel/errors.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import { PERMISSIONS, type Permission } from '../../protocol/permissions.js';
import { isBuiltIn, permissionsOf, ROLES } from '../decide/permissions.js';
import type { GrantScope } from '../decide/reach.js';
import { findProcessPlace, findProjectPlace } from '../store/grant-places.js';
import { deleteGrant, insertGrant } from '../store/grants.js';
import { getMember, requireMember } from '../store/members.js';
import { countHolders, deleteRole, findOwnRole, insertRole, listOwnRoles } from '../store/roles.js';
import { found } from '../store/rows.js';
import type { Reader, Tx } from '../store/store.js';
import { holdTenant } from '../store/tenant-rows.js';
import { type Giver, requireHolding, requireRole } from './may-give.js';
import { keepAnOwner } from './members.js';

export type Role = ReplyOf<'roles.create'>;

export interface ScopeNames {
  readonly project?: string | undefined;
  readonly process?: string | undefined;
}

export interface Holder extends ScopeNames {
  readonly role: string;
  /** E-mail address. */
  readonly user: string;
}

/** Built-in roles first, as the table has them, then the tenant's own by name. */
export async function listRoles(reader: Reader, { tenantId, tenant }: Giver): Promise<Role[]> {
  const holders = await countHolders(reader, tenantId);
  const own = await listOwnRoles(reader, tenantId);
  const shown = (name: string, permissions: readonly string[]) => ({
    name,
    isBuiltIn: isBuiltIn(name),
    permissions: [...permissionsOf(name, tenant, permissions)],
    holders: holders.get(name) ?? 0,
  });
  return [...ROLES.map((name) => shown(name, [])), ...own.map((role) => shown(role.name, role.permissions))];
}

/** @throws RocError ROC_CONFLICT, ROC_FORBIDDEN for what the maker does not hold */
export async function createRole(
  tx: Tx,
  giver: Giver,
  { name, permissions }: { readonly name: string; readonly permissions: readonly Permission[] },
): Promise<Role> {
  requireHolding(giver, permissions);
  const chosen = PERMISSIONS.filter((permission) => permissions.includes(permission));
  const role = { name, permissions: chosen, tenantId: giver.tenantId, createdBy: giver.name };
  if (isBuiltIn(name) || !(await insertRole(tx, role))) {
    throw new RocError('ROC_CONFLICT', `a role named ${name} exists already`, {
      hint: 'Choose another name; `roc roles list` shows what there is.',
    });
  }
  return { name, isBuiltIn: false, permissions: chosen, holders: 0 };
}

/** @throws RocError ROC_NOT_FOUND, ROC_CONFLICT while somebody holds it, ROC_REFUSED for a built-in one */
export async function removeRole(tx: Tx, giver: Giver, name: string): Promise<void> {
  if (isBuiltIn(name)) {
    throw new RocError('ROC_REFUSED', `the role ${name} is built in`, {
      hint: 'Built-in roles stay as they are.',
    });
  }
  // Giving it and deleting it wait for one another: nobody shall hold a role that is no more.
  await holdTenant(tx, giver.tenantId);
  const role = found(
    (await findOwnRole(tx, giver.tenantId, name)) ?? undefined,
    `role ${name}`,
    'See `roc roles list`.',
  );
  requireHolding(giver, role.permissions);
  const holders = (await countHolders(tx, giver.tenantId)).get(name) ?? 0;
  if (holders > 0) {
    throw new RocError('ROC_CONFLICT', `${holders} people hold the role ${name}`, {
      hint: 'Take it away from them first with `roc roles revoke`.',
    });
  }
  await deleteRole(tx, giver.tenantId, name);
}

export async function giveRole(tx: Tx, giver: Giver, holder: Holder) {
  requireHolding(giver, await requireRole(tx, giver, holder.role));
  await holdTenant(tx, giver.tenantId);
  const userId = await requireMember(tx, giver.tenantId, holder.user);
  const scope = await requireScope(tx, giver.tenantId, holder);
  const grant = { tenantId: giver.tenantId, userId, role: holder.role, scope } as const;
  await insertGrant(tx, { ...grant, source: 'hand', createdBy: giver.name });
  const { email, grants } = await getMember(tx, giver.tenantId, userId);
  return { user: email, grants };
}

/** @throws RocError ROC_NOT_FOUND where it is not held, ROC_CONFLICT for the last owner */
export async function takeRole(tx: Tx, giver: Giver, holder: Holder) {
  requireHolding(giver, await requireRole(tx, giver, holder.role));
  await holdTenant(tx, giver.tenantId);
  const userId = await requireMember(tx, giver.tenantId, holder.user);
  const scope = await requireScope(tx, giver.tenantId, holder);
  const grant = { tenantId: giver.tenantId, userId, role: holder.role, scope } as const;
  const wasHeld = await deleteGrant(tx, { ...grant, source: 'hand' });
  if (!wasHeld) {
    throw new RocError('ROC_NOT_FOUND', `${holder.user} was not given the role ${holder.role} there`, {
      hint: '`roc users show` says what they hold; what comes from the identity provider is taken away there.',
    });
  }
  await keepAnOwner(tx, giver.tenantId);
  const { email, grants } = await getMember(tx, giver.tenantId, userId);
  return { user: email, grants };
}

/** @throws RocError ROC_NOT_FOUND */
export async function requireScope(reader: Reader, tenantId: string, names: ScopeNames): Promise<GrantScope> {
  const { process } = names;
  if (process === undefined && names.project === undefined) return { kind: 'tenant' };
  const project = names.project ?? 'default';
  if (process === undefined) {
    const place = await findProjectPlace(reader, tenantId, project);
    const { projectId } = found(place ?? undefined, `project ${project}`, 'See `roc projects list`.');
    return { kind: 'project', projectId };
  }
  const place = await findProcessPlace(reader, tenantId, { project, process });
  const what = found(place?.process, `process ${project}/${process}`, 'See `roc processes list`.');
  return { kind: 'process', projectId: place?.projectId ?? '', processId: what.id };
}
