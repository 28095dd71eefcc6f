/** Everything about who speaks, put together once: what the routes of signing in and the access hook call. */
import { hkdfSync } from 'node:crypto';
import type { Clock } from '../../kernel/time.js';
import { type Audit, createAudit } from '../audit/audit.js';
import { type AuditSecrets, auditSecretsOf } from '../audit/audit-keys.js';
import type { Store } from '../store/store.js';
import { type AccessTokens, createAccessTokens } from './access-tokens.js';
import { type Authenticator, createAuthenticator } from './authenticate.js';
import { createLoginThrottle, type LoginThrottle } from './login-throttle.js';
import { createPasswords, type Passwords } from './passwords.js';
import { createQuotas, type Quotas } from './quotas.js';
import { createRefreshTokens, type RefreshTokens } from './refresh-tokens.js';
import { createRowSeal, type RowSeal } from './row-seals.js';
import { createRunnerQuotas, type RunnerQuotas } from './runner-quotas.js';
import type { SigningKeys } from './signing-keys.js';

export interface Auth {
  readonly keys: SigningKeys;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly passwords: Passwords;
  readonly throttle: LoginThrottle;
  readonly authenticator: Authenticator;
  readonly quotas: Quotas;
  readonly runnerQuotas: RunnerQuotas;
  /** Binds API keys to their terms; not in the database. */
  readonly keySecret: Buffer;
  /** Seals rows that give rights. */
  readonly rowSeal: RowSeal;
  readonly audit: Audit;
  readonly auditSecrets: AuditSecrets;
}

export interface AuthSettings {
  /** Requests a second that one runner may make of this node. */
  readonly runnerRps: number;
}

export async function createAuth(
  store: Store,
  keys: SigningKeys,
  { runnerRps }: AuthSettings,
  now: Clock,
): Promise<Auth> {
  const accessTokens = createAccessTokens(keys, now);
  const auditSecrets = auditSecretsOf(keys.refreshSecret, keys);
  const keySecret = Buffer.from(hkdfSync('sha256', keys.refreshSecret, '', 'roc api key v1', 32));
  return {
    keys,
    accessTokens,
    refreshTokens: createRefreshTokens(keys.refreshSecret),
    passwords: await createPasswords(),
    throttle: createLoginThrottle(store),
    authenticator: createAuthenticator(store, accessTokens, keySecret, now),
    keySecret,
    rowSeal: createRowSeal(keys.refreshSecret),
    quotas: createQuotas(store, now),
    runnerQuotas: createRunnerQuotas(runnerRps, now),
    audit: createAudit(auditSecrets.macKey),
    auditSecrets,
  };
}
