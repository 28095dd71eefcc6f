/** Signing in, renewing, signing out, and who the caller is. */
import { refresh, signIn } from '../../auth/sign-in.js';
import { acceptLink } from '../../identity/accept.js';
import { askForRecovery } from '../../identity/recover.js';
import { revokeSession } from '../../store/sessions.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';
import { requireSso } from '../require-sso.js';

type AuthRoutes = 'auth.login' | 'auth.refresh' | 'auth.logout' | 'auth.sso' | 'auth.accept' | 'auth.recover';

export function authHandlers(parts: ServerParts): Pick<Handlers, AuthRoutes> {
  const { store, auth, packages, sso } = parts;
  return {
    'auth.login': ({ body, address, requestId }) =>
      signIn({ store, auth, kms: packages.kms }, body, { address, requestId }),
    'auth.refresh': ({ body, address, requestId }) =>
      refresh(store, auth, body.refreshToken, { address, requestId }),
    'auth.logout': async ({ caller, transact }) => {
      await transact((tx) => revokeSession(tx, caller.sessionId));
      auth.authenticator.forget(caller.sessionId);
    },
    'auth.sso': async ({ body, address, requestId }) => {
      await auth.throttle.takeAddress(address);
      return requireSso(sso).trade(body, { address, requestId });
    },
    'auth.accept': async ({ body, address, requestId }) => {
      const accepted = await acceptLink(store, auth, body, { address, requestId });
      auth.authenticator.forgetAll();
      return accepted;
    },
    'auth.recover': ({ body, address, requestId }) => askForRecovery(parts, body, { address, requestId }),
  };
}
