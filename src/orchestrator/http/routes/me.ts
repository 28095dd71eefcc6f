/** What people see and change of their own account. */
import { heldOnTenant } from '../../decide/reach.js';
import { changePassword, confirm, enrol, removeFactor } from '../../identity/own-account.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type OwnRoutes = Extract<keyof Handlers, `me.${string}`>;

export function meHandlers({ store, auth, packages }: ServerParts): Pick<Handlers, OwnRoutes> {
  const parts = { store, auth, kms: packages.kms };
  return {
    'me.show': async ({ caller }) => ({
      kind: caller.kind,
      id: caller.kind === 'user' ? caller.userId : caller.keyId,
      email: caller.email,
      tenant: caller.tenant,
      tenantId: caller.tenantId,
      roles: caller.grants.flatMap(({ role, scope }) => (scope.kind === 'tenant' ? [role] : [])),
      permissions: [...heldOnTenant(caller.grants)].sort(),
    }),
    'me.password': (call) => changePassword(parts, call.caller, call.body, call),
    'me.factor-enrol': (call) => enrol(parts, call.caller, call.body.password, call),
    'me.factor-confirm': async (call) => {
      const confirmed = await confirm(parts, call.caller, call.body.otp, call);
      // Who was kept out without one is let in at once.
      auth.authenticator.forget(call.caller.sessionId);
      return confirmed;
    },
    'me.factor-remove': (call) => removeFactor(parts, call.caller, call.body, call),
  };
}
