/** What a one-time link does when somebody uses it. */
import { RocError } from '../../kernel/errors.js';
import { HOUR } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { Auth } from '../auth/auth.js';
import { hashOfToken } from '../auth/refresh-tokens.js';
import { passwordFault } from '../decide/password-policy.js';
import type { GrantScope } from '../decide/reach.js';
import { namesOfScope } from '../store/audit-state.js';
import { insertGrant } from '../store/grants.js';
import { endLinks, findLink, type OneTimeLink, useLink } from '../store/links.js';
import { found } from '../store/rows.js';
import { dropSecondFactor } from '../store/second-factors.js';
import { revokeSessionsOf } from '../store/sessions.js';
import type { Store, Tx } from '../store/store.js';
import { requireActiveTenant } from '../store/tenant-rows.js';
import {
  emailKey,
  findUser,
  findUserByEmail,
  insertMember,
  insertUser,
  setPassword,
  type User,
} from '../store/users.js';
import { requireRole } from './may-give.js';
import { type RequestOrigin, tellTenantsOf } from './tell-tenants.js';

export type Accepted = ReplyOf<'auth.accept'>;

/** Who took over a mailbox, and with it the password, does not get past the second factor the same day. */
const FACTOR_WAIT_MS = 24 * HOUR;

/** @throws RocError ROC_GONE for any link that does not count, ROC_UNAUTHENTICATED, ROC_INVALID_INPUT, ROC_THROTTLED */
export async function acceptLink(
  store: Store,
  auth: Auth,
  { token, password }: { readonly token: string; readonly password: string },
  from: RequestOrigin,
): Promise<Accepted> {
  await auth.throttle.takeAddress(from.address);
  const link = await findLink(store, hashOfToken(token));
  if (link === null) throw linkGone();
  if (link.kind === 'password') return choosePassword(store, auth, link, password, from);
  if (link.kind === 'second-factor') return loseFactor(store, auth, link, password, from);
  return join(store, auth, link, password, from);
}

/** @throws RocError ROC_INVALID_INPUT saying what is wrong with it */
export function requireGoodPassword(password: string, email: string): void {
  const fault = passwordFault(password, email);
  if (fault === null) return;
  throw new RocError('ROC_INVALID_INPUT', `the password is not taken: ${fault}`, {
    hint: 'Choose one of at least 12 characters; several words are good.',
  });
}

async function join(store: Store, auth: Auth, link: OneTimeLink, password: string, from: RequestOrigin) {
  const known = await findUserByEmail(store, link.email);
  if (known === null) requireGoodPassword(password, link.email);
  else await requirePassword(auth, known, password, from.address);
  const passwordHash = known === null ? await auth.passwords.hash(password) : null;
  return store.transaction(async (tx) => {
    await takeUp(tx, link);
    const tenantId = link.tenant_id ?? '';
    const tenant = await requireActiveTenant(tx, tenantId);
    // A role that was deleted meanwhile gives nothing, not even when another one takes its name.
    const role = link.role ?? '';
    await requireRole(tx, { tenantId, tenant }, role);
    const userId = known?.id ?? (await insertUser(tx, { email: link.email, passwordHash }));
    await insertMember(tx, tenantId, userId);
    const scope = await scopeOf(tx, link);
    await insertGrant(tx, { tenantId, userId, role, scope, source: 'hand', createdBy: link.created_by });
    const email = known?.email ?? link.email;
    await auth.audit.append(tx, {
      ...{ ...from, tenantId, action: 'user.join', actor: { kind: 'user', id: userId, name: email } },
      target: { kind: 'invitation', id: link.id, name: email },
      after: { role, ...(await namesOfScope(tx, scope)), invitedBy: link.created_by },
    });
    return { kind: link.kind, email, tenant };
  });
}

async function choosePassword(
  store: Store,
  auth: Auth,
  link: OneTimeLink,
  password: string,
  from: RequestOrigin,
) {
  requireGoodPassword(password, link.email);
  const passwordHash = await auth.passwords.hash(password);
  return store.transaction(async (tx) => {
    await takeUp(tx, link);
    const user = await requireUser(tx, link);
    await setPassword(tx, user.id, { passwordHash, isReset: true });
    await revokeSessionsOf(tx, user.id, null);
    await endLinks(tx, user.id, ['password']);
    await tellTenantsOf(tx, auth, user, { ...from, action: 'password.reset' });
    return { kind: link.kind, email: user.email, tenant: null };
  });
}

async function loseFactor(
  store: Store,
  auth: Auth,
  link: OneTimeLink,
  password: string,
  from: RequestOrigin,
) {
  const user = await requireUser(store, link);
  await requirePassword(auth, user, password, from.address);
  const resetAt = user.passwordResetAt ?? 0;
  if ((await store.now()) - resetAt < FACTOR_WAIT_MS) {
    throw new RocError('ROC_REFUSED', 'the password was set anew less than a day ago', {
      hint: 'Use a recovery code, or ask for this link again tomorrow.',
    });
  }
  return store.transaction(async (tx) => {
    await takeUp(tx, link);
    await dropSecondFactor(tx, user.id);
    await revokeSessionsOf(tx, user.id, null);
    await endLinks(tx, user.id, ['second-factor']);
    await tellTenantsOf(tx, auth, user, { ...from, action: 'second-factor.drop' });
    return { kind: link.kind, email: user.email, tenant: null };
  });
}

/** An account that is there already is joined by its owner alone, whoever holds the link. */
async function requirePassword(auth: Auth, user: User, password: string, address: string): Promise<void> {
  const account = emailKey(user.email);
  await auth.throttle.take(account, address);
  const isRight = await auth.passwords.matches(user.passwordHash, password);
  if (!isRight || user.isDisabled) {
    throw new RocError('ROC_UNAUTHENTICATED', 'the password is not the one of this account', {
      hint: 'This address has an account: enter its password, or sign in through your identity provider.',
    });
  }
  await auth.throttle.giveBack(account, address);
}

async function takeUp(tx: Tx, link: OneTimeLink): Promise<void> {
  if (!(await useLink(tx, link.id))) throw linkGone();
}

async function requireUser(reader: Store | Tx, link: OneTimeLink): Promise<User> {
  const user = await findUser(reader, link.user_id ?? '');
  if (user === null || user.isDisabled) throw linkGone();
  return user;
}

async function scopeOf({ db }: Tx, { scope_kind, scope_id, tenant_id }: OneTimeLink): Promise<GrantScope> {
  const id = scope_id ?? '';
  if (scope_kind === 'project') return { kind: 'project', projectId: id };
  if (scope_kind !== 'process') return { kind: 'tenant' };
  const row = await db
    .selectFrom('process')
    .select('project_id')
    .where('id', '=', id)
    .where('tenant_id', '=', tenant_id ?? '')
    .executeTakeFirst();
  const { project_id } = found(row, 'the process of this invitation', 'Ask for another invitation.');
  return { kind: 'process', projectId: project_id, processId: id };
}

function linkGone(): RocError {
  return new RocError('ROC_GONE', 'this link does not count, or counts no longer', {
    hint: 'Each is good for one use and a short time: ask for another one.',
  });
}
