/** Signing in, renewing, signing out, and who the caller is. */
import { refresh, signIn, signOut } from '../../auth/sign-in.js';
import { heldOnTenant } from '../../decide/reach.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type AuthRoutes = 'auth.login' | 'auth.refresh' | 'auth.logout' | 'me.show';

export function authHandlers({ store, auth }: ServerParts): Pick<Handlers, AuthRoutes> {
  return {
    'auth.login': ({ body, address }) => signIn(store, auth, body, address),
    'auth.refresh': ({ body }) => refresh(store, auth, body.refreshToken),
    'auth.logout': ({ caller }) => signOut(store, auth, caller.sessionId),
    'me.show': async ({ caller }) => ({
      kind: 'user',
      id: caller.userId,
      email: caller.email,
      tenant: caller.tenant,
      roles: caller.grants.flatMap(({ role, scope }) => (scope.kind === 'tenant' ? [role] : [])),
      permissions: [...heldOnTenant(caller.grants)].sort(),
    }),
  };
}
