/** API keys. */
import { RocError } from '../../../kernel/errors.js';
import { DAY } from '../../../kernel/time.js';
import type { Permission } from '../../../protocol/permissions.js';
import { newKeyToken, sealOfKey } from '../../auth/api-key-token.js';
import { type Grant, heldOnTenant } from '../../decide/reach.js';
import { getApiKey, insertApiKey, listApiKeys, revokeApiKey } from '../../store/api-keys.js';
import { listUsage } from '../../store/api-usage.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type KeyRoutes = Extract<keyof Handlers, `keys.${string}`>;

export function keyHandlers({ store, auth }: Pick<ServerParts, 'store' | 'auth'>): Pick<Handlers, KeyRoutes> {
  return {
    'keys.create': async ({ caller, body, transact }) => {
      requireHeld(caller.grants, body.scopes);
      const { token: key, prefix } = newKeyToken();
      const { tenantId, email: createdBy } = caller;
      const { lifeDays, ...wish } = body;
      const seal = (expiresAt: number) => sealOfKey(key, { ...wish, tenantId, expiresAt }, auth.keySecret);
      return transact(async (tx) => ({
        ...(await insertApiKey(tx, { ...wish, tenantId, createdBy, prefix, seal, lifeMs: lifeDays * DAY })),
        key,
      }));
    },
    'keys.list': ({ caller, query }) => listApiKeys(store, { ...query, tenantId: caller.tenantId }),
    'keys.revoke': async ({ caller, params, transact, tell }) => {
      await transact(async (tx) => {
        const { id, consumer: name } = await revokeApiKey(tx, caller.tenantId, params.id);
        tell({ target: { kind: 'key', id, name } });
      });
    },
    'keys.usage': async ({ caller, params, query }) => {
      const { id } = await getApiKey(store, caller.tenantId, params.id);
      return { items: await listUsage(store, id, query.days) };
    },
  };
}

/** A key may do no more than who makes it. */
function requireHeld(grants: readonly Grant[], scopes: readonly Permission[]): void {
  const held = heldOnTenant(grants);
  const missing = scopes.filter((scope) => !held.has(scope));
  if (missing.length === 0) return;
  throw new RocError('ROC_FORBIDDEN', `you do not hold ${missing.join(', ')} on the tenant yourself`, {
    hint: 'Ask for a key with the scopes that you hold, or somebody who holds these to make it.',
  });
}
