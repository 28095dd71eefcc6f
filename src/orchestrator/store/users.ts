/** People, looked up by their normalised e-mail, and their roles in a tenant. */
import { RocError } from '../../kernel/errors.js';
import type { Reader, Tx } from './store.js';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string | null;
  readonly isDisabled: boolean;
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

/** By tenant name; a user without any role is a member of nothing. */
export async function listMemberships({ db }: Reader, userId: string): Promise<Membership[]> {
  const rows = await db
    .selectFrom('membership')
    .innerJoin('tenant', 'tenant.id', 'membership.tenant_id')
    .select(['tenant.id', 'tenant.name', 'membership.role'])
    .where('membership.user_id', '=', userId)
    .orderBy('tenant.name')
    .orderBy('membership.role')
    .execute();
  const byTenant = new Map<string, Membership>();
  for (const { id, name, role } of rows) {
    const roles = byTenant.get(id)?.roles ?? [];
    byTenant.set(id, { tenantId: id, tenant: name, roles: [...roles, role] });
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

/** Gives a role; one that is held already stays. */
export async function grantRole(tx: Tx, tenantId: string, userId: string, role: string): Promise<void> {
  try {
    await tx.db
      .insertInto('membership')
      .values({ tenant_id: tenantId, user_id: userId, role, created_at: await tx.now() })
      .execute();
  } catch (error) {
    if (!tx.dialect.isDuplicate(error)) throw error;
  }
}

async function findUserBy({ db }: Reader, column: 'id' | 'email_key', value: string): Promise<User | null> {
  const row = await db.selectFrom('user').selectAll().where(column, '=', value).executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash,
    isDisabled: row.disabled_at !== null,
  };
}
