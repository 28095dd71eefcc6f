/** Tenants: made with an owner to come, paused, opened again, closed for good. */
import { RocError } from '../../kernel/errors.js';
import { DAY } from '../../kernel/time.js';
import { HOME_TENANT } from '../decide/permissions.js';
import type { Tx } from '../store/store.js';
import {
  demandSecondFactor,
  getTenant,
  insertTenant,
  lockTenant,
  setTenantState,
  type Tenant,
} from '../store/tenant-rows.js';
import type { MadeLink } from './links.js';
import { makeFirstInvitation } from './links.js';

/** @throws RocError ROC_CONFLICT when the name is taken, also by a tenant that was purged */
export async function createTenant(
  tx: Tx,
  { name, owner, createdBy }: { readonly name: string; readonly owner: string; readonly createdBy: string },
): Promise<Tenant & { invitation: MadeLink }> {
  const tenantId = await insertTenant(tx, name);
  if (tenantId === null) {
    throw new RocError('ROC_CONFLICT', `a tenant named ${name} exists already`, {
      hint: 'Choose another name; that of a deleted tenant is not given again.',
    });
  }
  const invitation = await makeFirstInvitation(tx, { tenantId, email: owner, createdBy });
  return { ...(await getTenant(tx, name)), invitation };
}

/** Counts within seconds, also for who is signed in. */
export async function setTenant(tx: Tx, name: string, isDemanded: boolean): Promise<Tenant> {
  const tenant = await lockTenant(tx, name);
  await demandSecondFactor(tx, tenant.id, isDemanded);
  return getTenant(tx, name);
}

/** What is under way may end; nobody signs in, no token counts and no job is given out. */
export async function pauseTenant(tx: Tx, name: string): Promise<Tenant> {
  const tenant = await lockChangeable(tx, name);
  if (tenant.state !== 'active') throw isNot(tenant, 'active');
  await setTenantState(tx, tenant.id, 'paused', null);
  return getTenant(tx, name);
}

export async function resumeTenant(tx: Tx, name: string): Promise<Tenant> {
  const tenant = await lockChangeable(tx, name);
  if (tenant.state === 'purged' || tenant.state === 'active') throw isNot(tenant, 'paused or deleted');
  await setTenantState(tx, tenant.id, 'active', null);
  return getTenant(tx, name);
}

/** Closes a tenant; its data go when the days are over, and until then it can be resumed. */
export async function deleteTenant(tx: Tx, name: string, keepDays: number): Promise<Tenant> {
  const tenant = await lockChangeable(tx, name);
  if (tenant.state === 'purged') throw isNot(tenant, 'there any more');
  await setTenantState(tx, tenant.id, 'deleted', (await tx.now()) + keepDays * DAY);
  return getTenant(tx, name);
}

async function lockChangeable(tx: Tx, name: string): Promise<Tenant> {
  if (name === HOME_TENANT) {
    throw new RocError('ROC_REFUSED', `the tenant ${name} looks after the installation and stays open`, {
      hint: 'Pause or delete other tenants.',
    });
  }
  return lockTenant(tx, name);
}

function isNot({ name, state }: Tenant, wanted: string): RocError {
  return new RocError('ROC_CONFLICT', `tenant ${name} is ${state}, not ${wanted}`, {
    hint: 'See `roc tenants show`.',
  });
}
