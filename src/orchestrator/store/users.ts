/** People, looked up by their normalised e-mail, and their roles in a tenant. */
import { RocError } from '../../kernel/errors.js';
import { insertGrant } from './grants.js';
import type { Reader, Tx } from './store.js';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string | null;
  readonly isDisabled: boolean;
  /** When it was set by a link, epoch milliseconds; null if never. */
  readonly passwordResetAt: number | null;
}

export interface Membership {
  readonly tenantId: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

/** What two spellings of one address have in common. NFKC folds look-alike forms of a letter into one. */
export function emailKey(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}

export async function findUserByEmail(reader: Reader, email: string): Promise<User | null> {
  return findUserBy(reader, 'email_key', emailKey(email));
}

export async function findUser(reader: Reader, id: string): Promise<User | null> {
  return findUserBy(reader, 'id', id);
}

/** By tenant name, with the roles held on the whole tenant. Who is suspended there, or a tenant that rests, is left out. */
export async function listMemberships({ db }: Reader, userId: string): Promise<Membership[]> {
  const rows = await db
    .selectFrom('member')
    .innerJoin('tenant', 'tenant.id', 'member.tenant_id')
    .leftJoin('role_grant', (join) =>
      join
        .onRef('role_grant.tenant_id', '=', 'member.tenant_id')
        .onRef('role_grant.user_id', '=', 'member.user_id')
        .on('role_grant.scope_kind', '=', 'tenant'),
    )
    .select(['tenant.id', 'tenant.name', 'role_grant.role'])
    .where('member.user_id', '=', userId)
    .where('member.suspended_at', 'is', null)
    .where('tenant.state', '=', 'active')
    .orderBy('tenant.name')
    .orderBy('role_grant.role')
    .execute();
  const byTenant = new Map<string, Membership>();
  for (const { id, name, role } of rows) {
    const roles = byTenant.get(id)?.roles ?? [];
    const isNew = role !== null && !roles.includes(role);
    byTenant.set(id, { tenantId: id, tenant: name, roles: isNew ? [...roles, role] : roles });
  }
  return [...byTenant.values()];
}

/** @throws RocError ROC_CONFLICT when the address is in use */
export async function insertUser(
  tx: Tx,
  user: { readonly email: string; readonly passwordHash: string | null },
): Promise<string> {
  const id = await tx.newId();
  try {
    await tx.db
      .insertInto('user')
      .values({
        id,
        email: user.email.trim(),
        email_key: emailKey(user.email),
        password_hash: user.passwordHash,
        created_at: await tx.now(),
        disabled_at: null,
      })
      .execute();
    return id;
  } catch (error) {
    if (!tx.dialect.isDuplicate(error)) throw error;
    throw new RocError('ROC_CONFLICT', 'a user with this e-mail exists already', {
      hint: 'See `roc users list`.',
    });
  }
}

/** Every tenant that somebody is a member of, in one order for all who lock something of each. */
export async function listTenantIds({ db }: Reader, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('member')
    .select('tenant_id')
    .where('user_id', '=', userId)
    .orderBy('tenant_id')
    .execute();
  return rows.map(({ tenant_id }) => tenant_id);
}

export async function setPassword(
  tx: Tx,
  id: string,
  { passwordHash, isReset }: { readonly passwordHash: string; readonly isReset: boolean },
): Promise<void> {
  await tx.db
    .updateTable('user')
    .set({ password_hash: passwordHash, ...(isReset ? { password_reset_at: await tx.now() } : {}) })
    .where('id', '=', id)
    .execute();
}

/** Makes a person a member of a tenant; who is one already stays so. */
export async function insertMember(tx: Tx, tenantId: string, userId: string): Promise<void> {
  try {
    const row = { tenant_id: tenantId, user_id: userId, created_at: await tx.now(), suspended_at: null };
    await tx.db.insertInto('member').values(row).execute();
  } catch (error) {
    if (!tx.dialect.isDuplicate(error)) throw error;
  }
}

/** Makes a person a member with a role on the whole tenant. */
export async function grantRole(tx: Tx, tenantId: string, userId: string, role: string): Promise<void> {
  await insertMember(tx, tenantId, userId);
  const scope = { kind: 'tenant' } as const;
  await insertGrant(tx, { tenantId, userId, role, scope, source: 'hand', createdBy: 'roc' });
}

async function findUserBy({ db }: Reader, column: 'id' | 'email_key', value: string): Promise<User | null> {
  const row = await db.selectFrom('user').selectAll().where(column, '=', value).executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash,
    isDisabled: row.disabled_at !== null,
    passwordResetAt: row.password_reset_at,
  };
}
