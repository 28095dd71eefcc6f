/** One-time links: made for an invitation or a recovery, and used up. */
import { randomBytes } from 'node:crypto';
import { DAY, HOUR, isoTime } from '../../kernel/time.js';
import { hashOfToken } from '../auth/refresh-tokens.js';
import { scopeIdOf } from '../store/grants.js';
import { endLinks, insertLink, type OneTimeLink } from '../store/links.js';
import type { Tx } from '../store/store.js';
import { type Giver, requireHolding, requireRole } from './may-give.js';
import { requireScope, type ScopeNames } from './roles.js';

export interface MadeLink {
  readonly id: string;
  readonly token: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface InviteArgs extends ScopeNames {
  readonly email: string;
  readonly role: string;
}

const LIFE_MS = { invite: 7 * DAY, password: HOUR, 'second-factor': HOUR } as const;

/**
 * An invitation into the giver's tenant. Whether the address has an account already, here or elsewhere, is not told.
 * @throws RocError ROC_NOT_FOUND for the role or where it is given, ROC_FORBIDDEN
 */
export async function makeInvitation(tx: Tx, giver: Giver, invited: InviteArgs): Promise<MadeLink> {
  requireHolding(giver, await requireRole(tx, giver, invited.role));
  const scope = await requireScope(tx, giver.tenantId, invited);
  return makeLink(tx, {
    kind: 'invite',
    tenant_id: giver.tenantId,
    user_id: null,
    email: invited.email,
    role: invited.role,
    scope_kind: scope.kind,
    scope_id: scopeIdOf(scope),
    created_by: giver.name,
  });
}

/** The invitation of a new tenant's owner: nobody in it could give one yet. */
export function makeFirstInvitation(
  tx: Tx,
  {
    tenantId,
    email,
    createdBy,
  }: { readonly tenantId: string; readonly email: string; readonly createdBy: string },
): Promise<MadeLink> {
  const scope = { scope_kind: 'tenant', scope_id: '' } as const;
  const owner = { kind: 'invite', role: 'owner', user_id: null, ...scope } as const;
  return makeLink(tx, { ...owner, tenant_id: tenantId, email, created_by: createdBy });
}

/** A link to recover an account with; it takes the place of those made before. */
export async function makeRecovery(
  tx: Tx,
  {
    kind,
    user,
    createdBy,
  }: {
    readonly kind: 'password' | 'second-factor';
    readonly user: { readonly id: string; readonly email: string };
    readonly createdBy: string;
  },
): Promise<MadeLink> {
  await endLinks(tx, user.id, [kind]);
  return makeLink(tx, {
    kind,
    tenant_id: null,
    user_id: user.id,
    email: user.email,
    role: null,
    scope_kind: null,
    scope_id: null,
    created_by: createdBy,
  });
}

async function makeLink(
  tx: Tx,
  link: Omit<OneTimeLink, 'id' | 'token_hash' | 'created_at' | 'expires_at' | 'used_at'>,
): Promise<MadeLink> {
  const token = `rocl_${randomBytes(32).toString('base64url')}`;
  const made = await insertLink(tx, { ...link, token_hash: hashOfToken(token), lifeMs: LIFE_MS[link.kind] });
  return { id: made.id, token, expiresAt: isoTime(made.expiresAt) };
}
