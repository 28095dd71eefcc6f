/** Whom somebody of the identity provider is here, and which roles their groups give and take. */
import { RocError } from '../../kernel/errors.js';
import type { Auth } from '../auth/auth.js';
import type { Origin } from '../auth/sign-in.js';
import { deleteGrant, findGrants, insertGrant, listSsoRoles } from '../store/grants.js';
import { findIdentity, insertIdentity } from '../store/sso.js';
import type { Tx } from '../store/store.js';
import { getTenant, holdTenant } from '../store/tenant-rows.js';
import { findUser, findUserByEmail, insertMember, insertUser, type User } from '../store/users.js';
import type { ProviderUser } from './provider.js';
import type { OidcSettings } from './settings.js';

interface AdmitParts {
  readonly auth: Pick<Auth, 'audit'>;
  readonly settings: OidcSettings;
}

/**
 * The user's id, or null for who holds nothing here, by group or by hand: that they hold it no more must be committed,
 * so nothing is thrown then.
 * @throws RocError ROC_FORBIDDEN for who is not known and cannot be
 */
export async function admitProviderUser(
  tx: Tx,
  { auth, settings }: AdmitParts,
  person: ProviderUser,
  from: Origin,
): Promise<string | null> {
  const { id: tenantId, state, name: tenant } = await getTenant(tx, settings.tenant);
  if (state !== 'active') throw notAdmitted();
  const user = await userOf(tx, person);
  await holdTenant(tx, tenantId);
  const wanted = new Set(person.groups.flatMap((group) => rolesOf(settings, group)));
  const held = new Set(await listSsoRoles(tx, tenantId, user.id));
  const grant = { tenantId, userId: user.id, scope: { kind: 'tenant' }, source: 'oidc' } as const;
  const event = {
    ...{ tenantId, address: from.address, requestId: from.requestId },
    actor: { kind: 'system', id: null, name: 'identity provider' },
    target: { kind: 'user', id: user.id, name: user.email },
  } as const;
  if (wanted.size > 0) await insertMember(tx, tenantId, user.id);
  for (const role of held) {
    if (wanted.has(role)) continue;
    await deleteGrant(tx, { ...grant, role });
    await auth.audit.append(tx, { ...event, action: 'role.revoke', before: { role } });
  }
  for (const role of wanted) {
    if (held.has(role)) continue;
    await insertGrant(tx, { ...grant, role, createdBy: 'identity provider' });
    await auth.audit.append(tx, { ...event, action: 'role.grant', after: { role } });
  }
  return (await findGrants(tx, { tenantId, tenant, userId: user.id })).length > 0 ? user.id : null;
}

/** By what the provider calls them; the first time by an address that the provider vouches for. */
async function userOf(tx: Tx, { issuer, subject, email }: ProviderUser): Promise<User> {
  const knownId = await findIdentity(tx, issuer, subject);
  const known = knownId === null ? null : await findUser(tx, knownId);
  if (known !== null) return known;
  if (email === null) throw notAdmitted();
  const id = (await findUserByEmail(tx, email))?.id ?? (await insertUser(tx, { email, passwordHash: null }));
  await insertIdentity(tx, { issuer, subject, userId: id });
  const made = await findUser(tx, id);
  if (made === null || made.isDisabled) throw notAdmitted();
  return made;
}

function rolesOf({ roles }: OidcSettings, group: string): string[] {
  const role = Object.hasOwn(roles, group) ? roles[group] : undefined;
  return role === undefined || role === 'runner' ? [] : [role];
}

export function notAdmitted(): RocError {
  return new RocError('ROC_FORBIDDEN', 'none of your groups has a role here', {
    hint: 'Ask an owner of the tenant which group you need.',
  });
}
