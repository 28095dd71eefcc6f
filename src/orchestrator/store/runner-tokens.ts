/** One-time registration tokens: only their hash is kept, and one update decides who uses it. */
import { RocError } from '../../kernel/errors.js';
import type { Reader, Tx } from './store.js';

export interface NewRunnerToken {
  readonly tenantId: string;
  readonly poolId: string;
  readonly tokenHash: string;
  readonly createdBy: string;
  readonly lifeMs: number;
}

export async function insertRunnerToken(
  tx: Tx,
  token: NewRunnerToken,
): Promise<{ id: string; expiresAt: number }> {
  const [id, now] = [await tx.newId(), await tx.now()];
  const expiresAt = now + token.lifeMs;
  await tx.db
    .insertInto('runner_token')
    .values({
      id,
      tenant_id: token.tenantId,
      pool_id: token.poolId,
      token_hash: token.tokenHash,
      created_by: token.createdBy,
      created_at: now,
      expires_at: expiresAt,
      used_at: null,
    })
    .execute();
  return { id, expiresAt };
}

/** Spends a token. @throws RocError ROC_UNAUTHENTICATED when it is unknown, used or expired, without saying which */
export async function useRunnerToken(
  tx: Tx,
  tokenHash: string,
): Promise<{ id: string; tenantId: string; poolId: string }> {
  const now = await tx.now();
  const { numUpdatedRows } = await tx.db
    .updateTable('runner_token')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  const row = await tx.db
    .selectFrom('runner_token')
    .select(['id', 'tenant_id', 'pool_id'])
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  if (Number(numUpdatedRows) === 1 && row !== undefined) {
    return { id: row.id, tenantId: row.tenant_id, poolId: row.pool_id };
  }
  throw new RocError('ROC_UNAUTHENTICATED', 'the registration token is unknown, used or expired', {
    hint: 'Ask for a new one with `roc runners token`; each registers one runner.',
  });
}

/** Remembers an assertion's id. False: it was used before, so this one is a replay. */
export async function rememberAssertion(
  { db, dialect }: Reader,
  assertion: { readonly runnerId: string; readonly jti: string; readonly expiresAt: number },
): Promise<boolean> {
  try {
    await db
      .insertInto('runner_assertion')
      .values({ runner_id: assertion.runnerId, jti: assertion.jti, expires_at: assertion.expiresAt })
      .execute();
    return true;
  } catch (error) {
    if (dialect.isDuplicate(error)) return false;
    throw error;
  }
}
