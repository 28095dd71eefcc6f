/** Signing in through an identity provider: a command begins it in a browser and ends it with a code of its own. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { RocError } from '../../kernel/errors.js';
import { HOUR, MINUTE } from '../../kernel/time.js';
import type { Auth } from '../auth/auth.js';
import { hashOfToken } from '../auth/refresh-tokens.js';
import { beginSession, type Origin, type SignedIn } from '../auth/sign-in.js';
import { insertAttempt, insertCode, takeAttempt, takeCodeAttempt } from '../store/sso.js';
import type { Store } from '../store/store.js';
import { findUser, listMemberships } from '../store/users.js';
import { admitProviderUser, notAdmitted } from './admit-user.js';
import type { Provider } from './provider.js';
import type { OidcSettings } from './settings.js';

export interface SsoParts {
  readonly store: Store;
  readonly auth: Auth;
  readonly provider: Provider;
  readonly settings: OidcSettings;
  readonly publicUrl: () => string;
}

export interface Sso {
  /** What the browser keeps, and where it goes. */
  begin(wish: SsoWish): Promise<{ cookie: string; location: string }>;
  /** Where the browser goes with a code for the command that waits. @throws RocError ROC_UNAUTHENTICATED, ROC_FORBIDDEN */
  finish(cookie: string | null, query: string, from: Origin): Promise<string>;
  /** The session, for the code and the proof that it was asked for here. @throws RocError ROC_UNAUTHENTICATED */
  trade(asked: { readonly code: string; readonly verifier: string }, from: Origin): Promise<SignedIn>;
}

export interface SsoWish {
  /** SHA-256 of the command's secret, base64url. */
  readonly challenge: string;
  /** The port on the loopback address at which the command waits. */
  readonly port: number;
}

export const SSO_CALLBACK = '/auth/sso/callback';
const ATTEMPT_MS = 10 * MINUTE;
const CODE_MS = MINUTE;
/** Whoever left a group must not stay in for long: after this they show themselves to the provider again. */
const SESSION_ENDS_MS = 12 * HOUR;

export function createSso({ store, auth, provider, settings, publicUrl }: SsoParts): Sso {
  const redirectUri = () => `${publicUrl().replace(/\/$/, '')}${SSO_CALLBACK}`;
  return {
    begin: async ({ challenge, port }) => {
      const cookie = secret();
      const secrets = { state: secret(), nonce: secret(), verifier: secret() };
      const location = await provider.signInUrl(secrets, redirectUri());
      await store.transaction(async (tx) => {
        const expires_at = (await tx.now()) + ATTEMPT_MS;
        await insertAttempt(tx, { id: hashOfToken(cookie), ...secrets, challenge, port, expires_at });
      });
      return { cookie, location };
    },
    finish: async (cookie, query, from) => {
      const attempt =
        cookie === null ? null : await store.transaction((tx) => takeAttempt(tx, hashOfToken(cookie)));
      if (attempt === null) throw notBegunHere();
      const user = await provider.userOf(new URL(`${redirectUri()}${query}`), attempt);
      const code = secret();
      const isAdmitted = await store.transaction(async (tx) => {
        const session_user = await admitProviderUser(tx, { auth, settings }, user, from);
        if (session_user === null) return false;
        const expires_at = (await tx.now()) + CODE_MS;
        await insertCode(tx, { ...attempt, code_hash: hashOfToken(code), session_user, expires_at });
        return true;
      });
      auth.authenticator.forgetAll();
      if (!isAdmitted) throw notAdmitted();
      // Nothing but a port is chosen by who asks: the address is always this machine's own.
      return `http://127.0.0.1:${attempt.port}/callback?code=${code}`;
    },
    trade: async ({ code, verifier }, from) => {
      const attempt = await store.transaction((tx) => takeCodeAttempt(tx, hashOfToken(code)));
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      const isOwn = attempt !== null && isEqual(challenge, attempt.challenge);
      const user = isOwn ? await findUser(store, attempt.session_user ?? '') : null;
      const memberships = user === null ? [] : await listMemberships(store, user.id);
      const membership = memberships.find(({ tenant }) => tenant === settings.tenant);
      if (user === null || user.isDisabled || membership === undefined) throw notBegunHere();
      return beginSession({ store, auth }, user, membership, from, SESSION_ENDS_MS);
    },
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function notBegunHere(): RocError {
  return new RocError('ROC_UNAUTHENTICATED', 'this sign-in was not begun here, or took too long', {
    hint: 'Begin again with `roc login --sso`.',
  });
}
