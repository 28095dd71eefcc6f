/** The people of a tenant: suspended, let in again, removed. */
import { RocError } from '../../kernel/errors.js';
import { endInvitationsBy } from '../store/links.js';
import { deleteMember, getMember, listOwners, type Member, setSuspended } from '../store/members.js';
import { revokeSessionsOf } from '../store/sessions.js';
import type { Tx } from '../store/store.js';
import { holdTenant } from '../store/tenant-rows.js';
import { type Giver, requireOutranking } from './may-give.js';

/** @throws RocError ROC_NOT_FOUND, ROC_FORBIDDEN for who holds more, ROC_CONFLICT for the last owner */
export async function suspendMember(
  tx: Tx,
  giver: Giver,
  userId: string,
  suspended: boolean,
): Promise<Member> {
  const { tenantId } = giver;
  await holdTenant(tx, tenantId);
  await getMember(tx, tenantId, userId);
  await requireOutranking(tx, giver, userId);
  await setSuspended(tx, tenantId, userId, suspended);
  if (suspended) await revokeSessionsOf(tx, userId, tenantId);
  await keepAnOwner(tx, tenantId);
  return getMember(tx, tenantId, userId);
}

export async function removeMember(tx: Tx, giver: Giver, userId: string): Promise<Member> {
  const { tenantId } = giver;
  await holdTenant(tx, tenantId);
  const member = await getMember(tx, tenantId, userId);
  await requireOutranking(tx, giver, userId);
  await revokeSessionsOf(tx, userId, tenantId);
  await deleteMember(tx, tenantId, userId);
  await endInvitationsBy(tx, tenantId, member.email);
  await keepAnOwner(tx, tenantId);
  return member;
}

/** Rolls a change back that would leave the tenant to nobody. @throws RocError ROC_CONFLICT */
export async function keepAnOwner(tx: Tx, tenantId: string): Promise<void> {
  const owners = await listOwners(tx, tenantId);
  if (owners.length > 0) return;
  throw new RocError('ROC_CONFLICT', 'the tenant would be left without an owner', {
    hint: 'Make somebody else an owner first: `roc roles grant owner --to EMAIL`.',
  });
}
