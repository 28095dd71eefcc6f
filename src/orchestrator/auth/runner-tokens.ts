/** How a runner comes in: a one-time token to register with, then access tokens for signed assertions. */
import { randomBytes } from 'node:crypto';
import { HOUR } from '../../kernel/time.js';
import { requirePlace } from '../store/places.js';
import { insertRunnerToken, rememberAssertion } from '../store/runner-tokens.js';
import { findRunner } from '../store/runners.js';
import type { Store, Tx } from '../store/store.js';
import { assertionAudience } from './access-tokens.js';
import type { Auth } from './auth.js';
import { hashOfToken } from './refresh-tokens.js';
import { claimedRunner, refusedAssertion, verifyAssertion } from './runner-assertions.js';

const REGISTRATION_MS = HOUR;

export interface RegistrationToken {
  readonly id: string;
  /** Shown once, kept as a hash. */
  readonly token: string;
  readonly expiresAt: number;
}

/** @throws RocError ROC_NOT_FOUND for the pool */
export async function newRegistrationToken(
  tx: Tx,
  {
    tenantId,
    pool,
    createdBy,
  }: { readonly tenantId: string; readonly pool: string; readonly createdBy: string },
): Promise<RegistrationToken> {
  const token = `rocreg_${randomBytes(32).toString('base64url')}`;
  const poolId = await requirePlace(tx, 'pool', tenantId, pool);
  const row = { tenantId, poolId, tokenHash: hashOfToken(token), createdBy, lifeMs: REGISTRATION_MS };
  return { ...(await insertRunnerToken(tx, row)), token };
}

/**
 * @throws RocError ROC_UNAUTHENTICATED for an unknown runner, a bad signature, or an assertion that was used before;
 * ROC_THROTTLED for a runner that asks without end
 */
export async function tradeAssertion(
  store: Store,
  auth: Auth,
  assertion: string,
): Promise<{ token: string; expiresAt: number }> {
  const id = claimedRunner(assertion);
  const runner = id === null ? null : await findRunner(store, id);
  if (runner === null) throw refusedAssertion();
  const expected = { runnerId: runner.id, signKey: runner.signKey, audience: assertionAudience(auth.keys) };
  const { jti, rememberUntil } = await verifyAssertion(assertion, expected, await store.now());
  // Only now: who does not have its key must not use up what it may ask.
  auth.runnerQuotas.take(runner.id);
  const isFirst = await rememberAssertion(store, { runnerId: runner.id, jti, expiresAt: rememberUntil });
  if (!isFirst) throw refusedAssertion();
  return auth.accessTokens.issue({
    kind: 'runner',
    subject: runner.id,
    tenantId: runner.tenantId,
    sessionId: runner.id,
  });
}
