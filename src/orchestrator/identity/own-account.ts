/** What people do to their own account: another password, a second factor. */
import { RocError } from '../../kernel/errors.js';
import type { Auth } from '../auth/auth.js';
import type { UserCaller } from '../auth/caller.js';
import {
  activeFactor,
  confirmEnrolment,
  type Enrolment,
  enrolSecondFactor,
  takeCode,
  wrongCode,
} from '../auth/second-factor.js';
import type { Kms } from '../kms/kms.js';
import { dropSecondFactor } from '../store/second-factors.js';
import { revokeSessionsOf } from '../store/sessions.js';
import type { Store } from '../store/store.js';
import { emailKey, findUser, setPassword, type User } from '../store/users.js';
import { requireGoodPassword } from './accept.js';
import { type RequestOrigin, tellTenantsOf } from './tell-tenants.js';

export interface AccountParts {
  readonly store: Store;
  readonly auth: Auth;
  readonly kms: Kms;
}

/** Ends every other session of theirs, since somebody else may have begun it. */
export async function changePassword(
  { store, auth }: AccountParts,
  caller: UserCaller,
  { current, next }: { readonly current: string; readonly next: string },
  from: RequestOrigin,
): Promise<void> {
  const user = await requireOwner({ store, auth }, caller, current, from);
  requireGoodPassword(next, user.email);
  const passwordHash = await auth.passwords.hash(next);
  await store.transaction(async (tx) => {
    await setPassword(tx, user.id, { passwordHash, isReset: false });
    await revokeSessionsOf(tx, user.id, null, caller.sessionId);
    await tellTenantsOf(tx, auth, user, { ...originOf(from), action: 'password.set' });
  });
  auth.authenticator.forgetAll();
}

export async function enrol(
  { store, auth, kms }: AccountParts,
  caller: UserCaller,
  password: string,
  from: RequestOrigin,
): Promise<Enrolment & { id: string }> {
  const user = await requireOwner({ store, auth }, caller, password, from);
  const enrolment = await store.transaction((tx) => enrolSecondFactor(tx, kms, user));
  return { id: user.id, ...enrolment };
}

/** Ends every other session of theirs: those were opened with the password alone. */
export async function confirm(
  { store, auth, kms }: AccountParts,
  caller: UserCaller,
  code: string,
  from: RequestOrigin,
): Promise<{ id: string; recoveryCodes: string[] }> {
  await auth.throttle.take(emailKey(caller.email), from.address);
  const recoveryCodes = await store.transaction(async (tx) => {
    const codes = await confirmEnrolment(tx, kms, caller.userId, code);
    const user = { id: caller.userId, email: caller.email };
    await revokeSessionsOf(tx, user.id, null, caller.sessionId);
    await tellTenantsOf(tx, auth, user, { ...originOf(from), action: 'second-factor.enrol' });
    return codes;
  });
  auth.authenticator.forgetAll();
  await auth.throttle.giveBack(emailKey(caller.email), from.address);
  return { id: caller.userId, recoveryCodes };
}

export async function removeFactor(
  { store, auth, kms }: AccountParts,
  caller: UserCaller,
  { password, otp }: { readonly password: string; readonly otp: string },
  from: RequestOrigin,
): Promise<void> {
  const user = await requireOwner({ store, auth }, caller, password, from);
  const factor = await activeFactor(store, user.id);
  if (factor === null) {
    throw new RocError('ROC_CONFLICT', 'this account has no second factor', {
      hint: 'There is nothing to remove.',
    });
  }
  await auth.throttle.take(emailKey(user.email), from.address);
  const isRight = await store.transaction(async (tx) => {
    if (!(await takeCode(tx, kms, factor, otp))) return false;
    await dropSecondFactor(tx, user.id);
    await tellTenantsOf(tx, auth, user, { ...originOf(from), action: 'second-factor.drop' });
    return true;
  });
  if (!isRight) throw wrongCode('ROC_INVALID_INPUT');
  await auth.throttle.giveBack(emailKey(user.email), from.address);
}

/** A session that somebody left open, or stole, is not enough to change what keeps it. */
async function requireOwner(
  { store, auth }: Pick<AccountParts, 'store' | 'auth'>,
  caller: UserCaller,
  password: string,
  { address }: RequestOrigin,
): Promise<User> {
  const account = emailKey(caller.email);
  await auth.throttle.take(account, address);
  const user = await findUser(store, caller.userId);
  const isRight = await auth.passwords.matches(user?.passwordHash ?? null, password);
  if (user === null || !isRight) {
    throw new RocError('ROC_FORBIDDEN', 'the password is wrong', {
      hint: 'Enter the password that you sign in with; an account of an identity provider has none here.',
    });
  }
  await auth.throttle.giveBack(account, address);
  return user;
}

/** A call is more than its origin, and an event holds no more than it must. */
function originOf({ address, requestId }: RequestOrigin): RequestOrigin {
  return { address, requestId };
}
