/** What a first start leaves behind: a tenant, its places, and an owner. */
import { HOME_TENANT } from '../decide/permissions.js';
import { insertPlace, type PlaceKind } from './places.js';
import { found } from './rows.js';
import type { Store, Tx } from './store.js';
import { FIRST_PLACES, insertTenant } from './tenant-rows.js';
import { findUserByEmail, grantRole, insertUser } from './users.js';

export interface BootstrapArgs {
  readonly adminEmail: string;
  /** Hash to give the admin if it must be made. */
  readonly passwordHash: string;
  /** Tells of the owner that was made, in the transaction that made it. */
  readonly onOwner?: (
    tx: Tx,
    owner: { readonly tenantId: string; readonly adminId: string },
  ) => Promise<void>;
}

export interface Bootstrapped {
  readonly tenantId: string;
  readonly adminId: string;
  /** False: the admin was there already, and its password was left alone. */
  readonly adminCreated: boolean;
}

/** Makes what is missing and changes nothing that is there; two nodes that start together make one of each. */
export function bootstrap(store: Store, args: BootstrapArgs): Promise<Bootstrapped> {
  return store.transaction(async (tx) => {
    const tenantId = await ensureTenant(tx);
    for (const [kind, name] of FIRST_PLACES) await ensurePlace(tx, kind, tenantId, name);
    const { adminId, adminCreated } = await ensureAdmin(tx, tenantId, args);
    if (adminCreated) await args.onOwner?.(tx, { tenantId, adminId });
    return { tenantId, adminId, adminCreated };
  });
}

/** Whether a first start is still to come: then the caller makes a password. */
export async function needsAdmin(store: Store, adminEmail: string): Promise<boolean> {
  return (await findUserByEmail(store, adminEmail)) === null;
}

async function ensureTenant(tx: Tx): Promise<string> {
  const find = () =>
    tx.db.selectFrom('tenant').select('id').where('name', '=', HOME_TENANT).executeTakeFirst();
  const id = (await find())?.id ?? (await insertTenant(tx, HOME_TENANT));
  return id ?? found(await find(), `tenant ${HOME_TENANT}`, 'Start again.').id;
}

async function ensurePlace(tx: Tx, kind: PlaceKind, tenantId: string, name: string): Promise<void> {
  const known = await tx.db
    .selectFrom(kind)
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (known === undefined) await insertPlace(tx, kind, tenantId, name);
}

async function ensureAdmin(
  tx: Tx,
  tenantId: string,
  args: BootstrapArgs,
): Promise<{ adminId: string; adminCreated: boolean }> {
  const known = await findUserByEmail(tx, args.adminEmail);
  if (known !== null) return { adminId: known.id, adminCreated: false };
  try {
    const adminId = await insertUser(tx, { email: args.adminEmail, passwordHash: args.passwordHash });
    await grantRole(tx, tenantId, adminId, 'owner');
    return { adminId, adminCreated: true };
  } catch (error) {
    // Another node made it in the same moment.
    const made = await findUserByEmail(tx, args.adminEmail);
    if (made === null) throw error;
    return { adminId: made.id, adminCreated: false };
  }
}
