/** Signing in, staying signed in, signing out. */
import { ulid } from 'ulid';
import { RocError } from '../../kernel/errors.js';
import { DAY, isoTime, SECOND } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { Kms } from '../kms/kms.js';
import { insertSession, lockSession, revokeSession, rotateSession, type Session } from '../store/sessions.js';
import type { Store, Tx } from '../store/store.js';
import {
  emailKey,
  findUser,
  findUserByEmail,
  listMemberships,
  type Membership,
  type User,
} from '../store/users.js';
import type { Auth } from './auth.js';
import { hashOfToken } from './refresh-tokens.js';
import { activeFactor, takeCode, wrongCode } from './second-factor.js';

export type SignedIn = ReplyOf<'auth.login'>;

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Of several tenants the one to work in. */
  readonly tenant?: string | undefined;
  /** A code of the second factor, where the account has one. */
  readonly otp?: string | undefined;
}

export interface SignInParts {
  readonly store: Store;
  readonly auth: Auth;
  /** Opens the secrets of second factors. */
  readonly kms: Kms;
}

/** Where a request came from, for the audit chain. */
export interface Origin {
  readonly address: string | null;
  readonly requestId: string | null;
}

/** From the newest renewal; a session that is not used for so long has ended. */
const SESSION_MS = 30 * DAY;
/** Within this time the former refresh token is answered as it was the first time: the reply may have been lost. */
const GRACE_MS = 10 * SECOND;

/**
 * A wrong password and an unknown address are one answer, in the same time.
 * @throws RocError ROC_UNAUTHENTICATED, ROC_THROTTLED, ROC_INVALID_INPUT where a tenant must be chosen
 */
export async function signIn(
  { store, auth, kms }: SignInParts,
  { email, password, tenant, otp }: Credentials,
  { address, requestId }: Origin & { readonly address: string },
): Promise<SignedIn> {
  const account = emailKey(email);
  await auth.throttle.take(account, address);
  const user = await findUserByEmail(store, email);
  const isRight = await auth.passwords.matches(user?.passwordHash ?? null, password);
  if (user === null || !isRight || user.isDisabled) throw wrongCredentials();
  await requireFactor({ store, kms }, user, otp, () => auth.throttle.giveBack(account, address));
  await auth.throttle.giveBack(account, address);
  const membership = chooseTenant(await listMemberships(store, user.id), tenant);
  return beginSession({ store, auth }, user, membership, { address, requestId });
}

/** Whoever has shown who they are gets a session of their own. */
export async function beginSession(
  { store, auth }: Pick<SignInParts, 'store' | 'auth'>,
  user: User,
  membership: Membership,
  { address, requestId }: Origin,
  endsInMs?: number,
): Promise<SignedIn> {
  const id = ulid();
  const refreshToken = auth.refreshTokens.first(id);
  const { tenantId } = membership;
  await store.transaction(async (tx) => {
    const refreshHash = hashOfToken(refreshToken);
    await insertSession(tx, { id, tenantId, userId: user.id, refreshHash, lifeMs: SESSION_MS, endsInMs });
    const actor = { kind: 'user', id: user.id, name: user.email } as const;
    const target = { kind: 'session', id, name: null };
    await auth.audit.append(tx, { tenantId, actor, target, action: 'session.begin', address, requestId });
  });
  return signedIn(auth, user, membership, id, refreshToken);
}

/** Asked for only after the right password; a wrong code costs a try. */
async function requireFactor(
  { store, kms }: Pick<SignInParts, 'store' | 'kms'>,
  user: User,
  otp: string | undefined,
  giveBack: () => Promise<void>,
): Promise<void> {
  const factor = await activeFactor(store, user.id);
  if (factor === null) return;
  if (otp === undefined) {
    await giveBack();
    throw new RocError('ROC_OTP_NEEDED', 'this account needs a one-time code, too', {
      hint: 'Pass --otp with the six digits of the second factor, or a recovery code.',
    });
  }
  if (!(await store.transaction((tx) => takeCode(tx, kms, factor, otp)))) throw wrongCode();
}

/**
 * Trades a refresh token for the next one. A token that was traded before ends the session: somebody else has it.
 * @throws RocError ROC_UNAUTHENTICATED
 */
export async function refresh(
  store: Store,
  auth: Auth,
  refreshToken: string,
  from: Origin = { address: null, requestId: null },
): Promise<SignedIn> {
  const read = auth.refreshTokens.read(refreshToken);
  if (read === null) throw endedSession();
  const next = auth.refreshTokens.next(read);
  const found = await store.transaction(async (tx) => {
    const session = await lockSession(tx, read.sessionId);
    if (session === null) return null;
    const trade = await rotate(tx, session, hashOfToken(refreshToken), hashOfToken(next));
    if (trade === 'reused') await tellReuse(tx, auth, session, from);
    if (trade !== 'good') return null;
    const user = await findUser(tx, session.userId);
    const memberships = await listMemberships(tx, session.userId);
    const membership = memberships.find(({ tenantId }) => tenantId === session.tenantId);
    return user === null || user.isDisabled || membership === undefined ? null : { user, membership };
  });
  auth.authenticator.forget(read.sessionId);
  if (found === null) throw endedSession();
  return signedIn(auth, found.user, found.membership, read.sessionId, next);
}

/** The revocation of a session whose token was reused must be committed, so nothing throws here. */
async function rotate(
  tx: Tx,
  session: Session,
  from: string,
  to: string,
): Promise<'good' | 'over' | 'reused'> {
  const now = await tx.now();
  if (session.revokedAt !== null || session.expiresAt <= now) return 'over';
  if (session.refreshHash === from) {
    const isRotated = await rotateSession(tx, { id: session.id, from, to, lifeMs: SESSION_MS });
    return isRotated ? 'good' : 'over';
  }
  if (session.previousHash === from && now - session.rotatedAt <= GRACE_MS) return 'good';
  await revokeSession(tx, session.id);
  return 'reused';
}

async function tellReuse(
  tx: Tx,
  { audit }: Auth,
  { id, tenantId, userId }: Session,
  from: Origin,
): Promise<void> {
  await audit.append(tx, {
    ...from,
    tenantId,
    actor: { kind: 'anonymous', id: null, name: 'holder of an old refresh token' },
    action: 'session.reuse',
    target: { kind: 'session', id, name: null },
    outcome: 'refused',
    after: { user: userId, session: 'ended' },
  });
}

async function signedIn(
  auth: Auth,
  user: User,
  { tenantId, tenant }: Membership,
  sessionId: string,
  refreshToken: string,
): Promise<SignedIn> {
  const { token, expiresAt } = await auth.accessTokens.issue({
    kind: 'user',
    subject: user.id,
    tenantId,
    sessionId,
  });
  return {
    accessToken: token,
    expiresAt: isoTime(expiresAt),
    refreshToken,
    user: { id: user.id, email: user.email },
    tenant,
  };
}

function chooseTenant(memberships: readonly Membership[], wanted: string | undefined): Membership {
  const [first, ...others] = memberships;
  const names = memberships.map(({ tenant }) => tenant).join(', ');
  const chosen = wanted === undefined ? first : memberships.find(({ tenant }) => tenant === wanted);
  if (chosen === undefined) {
    throw new RocError('ROC_FORBIDDEN', 'this account is no member of that tenant', {
      hint: names === '' ? 'Ask an owner of the tenant to invite it.' : `Choose one of: ${names}.`,
    });
  }
  if (wanted === undefined && others.length > 0) {
    throw new RocError('ROC_INVALID_INPUT', 'this account is a member of several tenants', {
      hint: `Choose one with --tenant: ${names}.`,
    });
  }
  return chosen;
}

function wrongCredentials(): RocError {
  return new RocError('ROC_UNAUTHENTICATED', 'the e-mail or the password is wrong', {
    hint: 'Try again; after several tries a pause is needed.',
  });
}

function endedSession(): RocError {
  return new RocError('ROC_UNAUTHENTICATED', 'the session has ended', {
    hint: 'Sign in again with `roc login`.',
  });
}
