/** From an API key to the caller: found by its prefix, compared by its hash, asked again every few seconds. */
import { RocError } from '../../kernel/errors.js';
import { type Clock, SECOND } from '../../kernel/time.js';
import { PERMISSIONS } from '../../protocol/permissions.js';
import { findApiKey, type KnownKey } from '../store/api-keys.js';
import type { Reader } from '../store/store.js';
import { digestOfKey, isSameHash, prefixOfKey, sealOfKey } from './api-key-token.js';
import type { KeyCaller } from './caller.js';
import { createTokenCache } from './token-cache.js';

export interface KeyCallers {
  /** @throws RocError ROC_UNAUTHENTICATED, whatever is wrong with it */
  callerOf(token: string): Promise<KeyCaller>;
}

/** A key that was revoked is noticed this late, on any node. */
const RECHECK_MS = 5 * SECOND;
const CACHED_KEYS = 10_000;

export function createKeyCallers(store: Reader, secret: Buffer, now: Clock): KeyCallers {
  const callers = createTokenCache<KeyCaller>(CACHED_KEYS, now);
  return {
    callerOf: async (token) => {
      const digest = digestOfKey(token);
      const known = callers.get(digest);
      if (known !== undefined) return known;
      const prefix = prefixOfKey(token);
      const key = prefix === null ? null : await findApiKey(store, prefix);
      const leftMs = key === null ? 0 : key.expiresAt - (await store.now());
      if (key === null || !isSameHash(key.hash, sealOfKey(token, key, secret)) || leftMs <= 0)
        throw refused();
      const caller = toCaller(key);
      callers.set(digest, caller, now() + Math.min(RECHECK_MS, leftMs));
      return caller;
    },
  };
}

function toCaller({ id, tenantId, tenant, consumer, scopes, rps, daily }: KnownKey): KeyCaller {
  const permissions = new Set(PERMISSIONS.filter((one) => scopes.includes(one)));
  const grants = [{ role: 'key', scope: { kind: 'tenant' as const }, permissions }];
  return {
    kind: 'key',
    keyId: id,
    email: `key:${consumer}`,
    tenantId,
    tenant,
    grants,
    quota: { keyId: id, rps, daily },
  };
}

function refused(): RocError {
  return new RocError('ROC_UNAUTHENTICATED', 'the API key is not valid', {
    hint: 'It may be mistyped, expired or revoked: ask for a new one (`roc keys create`).',
  });
}
