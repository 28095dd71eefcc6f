/** Roles, and who holds them where. */
import { createRole, giveRole, listRoles, removeRole, takeRole } from '../../identity/roles.js';
import { giverOf } from '../giver.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type RoleRoutes = Extract<keyof Handlers, `roles.${string}`>;

export function roleHandlers({ store, auth }: ServerParts): Pick<Handlers, RoleRoutes> {
  return {
    'roles.list': async ({ caller }) => ({
      items: await listRoles(store, giverOf(caller)),
      nextCursor: null,
    }),
    'roles.create': ({ caller, body, transact }) => transact((tx) => createRole(tx, giverOf(caller), body)),
    'roles.delete': ({ caller, params, transact }) =>
      transact((tx) => removeRole(tx, giverOf(caller), params.role)),
    'roles.grant': async ({ caller, params, body, transact }) => {
      const held = await transact((tx) => giveRole(tx, giverOf(caller), { ...body, ...params }));
      auth.authenticator.forgetAll();
      return held;
    },
    'roles.revoke': async ({ caller, params, body, transact }) => {
      const held = await transact((tx) => takeRole(tx, giverOf(caller), { ...body, ...params }));
      auth.authenticator.forgetAll();
      return held;
    },
  };
}
