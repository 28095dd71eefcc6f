/** From an access token to the caller: the signature says who, the database (asked every few seconds) whether still. */
import { RocError } from '../../kernel/errors.js';
import { type Clock, SECOND } from '../../kernel/time.js';
import { findGrants } from '../store/grants.js';
import { hasSecondFactor } from '../store/second-factors.js';
import { findSession } from '../store/sessions.js';
import type { Store } from '../store/store.js';
import { needsSecondFactor } from '../store/tenant-rows.js';
import { findUser, listMemberships } from '../store/users.js';
import type { AccessClaims, AccessTokens } from './access-tokens.js';
import { isKeyToken } from './api-key-token.js';
import type { Caller, JobCaller, RunnerCaller, UserCaller } from './caller.js';
import { createKeyCallers } from './key-callers.js';
import { createRunnerRoster } from './runner-roster.js';
import { createTokenCache } from './token-cache.js';

export interface Authenticator {
  /** @throws RocError ROC_UNAUTHENTICATED */
  authenticate(token: string): Promise<Caller>;
  /** Asks for all runners that were here lately at once, so that their next requests need not. */
  refreshRunners(): Promise<void>;
  /** Asks the database again at this session's or runner's next request. */
  forget(sessionId: string): void;
  /** As forget, for everybody: somebody's roles or a tenant have changed. */
  forgetAll(): void;
}

/** A revoked session or a role that was taken away is noticed this late, on any node. */
const RECHECK_MS = 5 * SECOND;
const CACHED_CALLERS = 10_000;

export function createAuthenticator(
  store: Store,
  tokens: AccessTokens,
  keySecret: Buffer,
  now: Clock,
): Authenticator {
  const users = createTokenCache<UserCaller>(CACHED_CALLERS, now);
  const roster = createRunnerRoster(store, now);
  const keys = createKeyCallers(store, keySecret, now);
  const userOf = async (claims: AccessClaims) => {
    const known = users.get(claims.sessionId);
    if (known !== undefined && isSame(known, claims)) return known;
    const user = await findCaller(store, claims);
    if (user !== null) users.set(claims.sessionId, user, now() + RECHECK_MS);
    return user;
  };
  return {
    authenticate: async (token) => {
      if (isKeyToken(token)) return keys.callerOf(token);
      const claims = await tokens.verify(token);
      if (claims.kind === 'job') return jobOf(await roster.find(claims.sessionId), claims);
      const caller = claims.kind === 'runner' ? await roster.find(claims.subject) : await userOf(claims);
      if (caller === null || !isSame(caller, claims)) throw noLonger();
      return caller;
    },
    refreshRunners: roster.refresh,
    forget: (id) => {
      users.delete(id);
      roster.forget(id);
    },
    forgetAll: () => {
      users.clear();
      roster.forgetAll();
    },
  };
}

async function findCaller(
  store: Store,
  { subject, sessionId, tenantId }: AccessClaims,
): Promise<UserCaller | null> {
  const session = await findSession(store, sessionId);
  const isLive = session?.userId === subject && session.tenantId === tenantId && session.revokedAt === null;
  if (!isLive) return null;
  const user = await findUser(store, subject);
  const membership = (await listMemberships(store, subject)).find((one) => one.tenantId === tenantId);
  if (user === null || user.isDisabled || membership === undefined) return null;
  // Who came through an identity provider was asked there.
  const isOfProvider = session.endsAt !== null;
  const mustEnrol =
    !isOfProvider && (await needsSecondFactor(store, tenantId)) && !(await hasSecondFactor(store, user.id));
  const owned = { tenantId, tenant: membership.tenant, userId: user.id };
  return {
    kind: 'user',
    mustEnrol,
    userId: user.id,
    email: user.email,
    tenantId,
    tenant: membership.tenant,
    sessionId,
    grants: mustEnrol ? [] : await findGrants(store, owned),
  };
}

/** Whether the claim still holds is judged where it is used: a runner that was removed has none. */
function jobOf(runner: RunnerCaller | null, claims: AccessClaims): JobCaller {
  const { subject: jobId, tenantId, epoch } = claims;
  if (runner?.tenantId !== tenantId || epoch === undefined) throw noLonger();
  return { kind: 'job', jobId, epoch, tenantId, runner };
}

function isSame(caller: UserCaller | RunnerCaller, { kind, subject, tenantId }: AccessClaims): boolean {
  const id = caller.kind === 'user' ? caller.userId : caller.id;
  return caller.kind === kind && id === subject && caller.tenantId === tenantId;
}

function noLonger(): RocError {
  return new RocError('ROC_UNAUTHENTICATED', 'this token counts no longer', {
    hint: 'The session was ended, or the account or runner removed: sign in or register again.',
  });
}
