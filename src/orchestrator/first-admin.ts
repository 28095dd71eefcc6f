/** The first start: tenant, places, and an owner whose password is told once. */
import { randomBytes } from 'node:crypto';
import { SYSTEM } from './audit/audit.js';
import type { Auth } from './auth/auth.js';
import { bootstrap, needsAdmin } from './store/bootstrap.js';
import type { Store } from './store/store.js';

export interface AdminWish {
  readonly email: string;
  /** Null: one is made. */
  readonly password: string | null;
}

/** Who the first owner shall be: ROC_ADMIN_EMAIL and ROC_ADMIN_PASSWORD, where they are set. */
export function adminWishOf(env: NodeJS.ProcessEnv): AdminWish {
  return { email: env['ROC_ADMIN_EMAIL'] || 'admin@localhost', password: env['ROC_ADMIN_PASSWORD'] || null };
}

export interface FirstStart {
  readonly tenantId: string;
  /** What a person must be told, once; null where the admin was there already or its password was given. */
  readonly adminNotice: string | null;
}

export async function ensureFirstAdmin(
  store: Store,
  { passwords, audit }: Pick<Auth, 'passwords' | 'audit'>,
  wish: AdminWish,
): Promise<FirstStart> {
  const isNew = await needsAdmin(store, wish.email);
  const password = wish.password ?? randomBytes(15).toString('base64url');
  // For an admin that exists nothing is stored, so the cost of a hash is saved.
  const passwordHash = isNew ? await passwords.hash(password) : '';
  const { tenantId, adminCreated } = await bootstrap(store, {
    ...{ adminEmail: wish.email, passwordHash },
    onOwner: (tx, owner) =>
      audit.append(tx, {
        ...{ tenantId: owner.tenantId, actor: SYSTEM, action: 'owner.create' },
        target: { kind: 'user', id: owner.adminId, name: wish.email },
        after: { role: 'owner', project: null, process: null },
      }),
  });
  if (!adminCreated || wish.password !== null) return { tenantId, adminNotice: null };
  const adminNotice = `first start: sign in as ${wish.email} with password ${password} (shown this once)`;
  return { tenantId, adminNotice };
}
