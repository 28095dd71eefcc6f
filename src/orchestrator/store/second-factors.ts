/** Second factors: a sealed secret, the newest step that was used, and recovery codes as hashes. */
import type { Selectable } from 'kysely';
import type { SecondFactorTable } from './sign-in-tables.js';
import type { Reader, Tx } from './store.js';

export type SecondFactor = Selectable<SecondFactorTable>;

export async function findSecondFactor({ db }: Reader, userId: string): Promise<SecondFactor | null> {
  const row = await db
    .selectFrom('second_factor')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row ?? null;
}

/** Whether one counts. */
export async function hasSecondFactor(reader: Reader, userId: string): Promise<boolean> {
  return ((await findSecondFactor(reader, userId))?.confirmed_at ?? null) !== null;
}

/** Puts a new secret in place of one that was never confirmed. */
export async function insertSecondFactor(
  tx: Tx,
  factor: Pick<SecondFactor, 'user_id' | 'secret' | 'wrapped_key'>,
): Promise<void> {
  await dropSecondFactor(tx, factor.user_id);
  await tx.db
    .insertInto('second_factor')
    .values({ ...factor, created_at: await tx.now(), confirmed_at: null, last_step: 0 })
    .execute();
}

/** Uses a time step up, and none that is not newer than the last. False: it was used before. */
export async function takeStep(tx: Tx, userId: string, step: number): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('second_factor')
    .set({ last_step: step })
    .where('user_id', '=', userId)
    .where('last_step', '<', step)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows) === 1;
}

export async function confirmSecondFactor(
  tx: Tx,
  userId: string,
  codeHashes: readonly string[],
): Promise<void> {
  await tx.db
    .updateTable('second_factor')
    .set({ confirmed_at: await tx.now() })
    .where('user_id', '=', userId)
    .execute();
  const rows = codeHashes.map((code_hash) => ({ user_id: userId, code_hash, used_at: null }));
  await tx.db.insertInto('recovery_code').values(rows).execute();
}

/** Uses a recovery code up. False: there is no such code, or it was used before. */
export async function takeRecoveryCode(tx: Tx, userId: string, codeHash: string): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('recovery_code')
    .set({ used_at: await tx.now() })
    .where('user_id', '=', userId)
    .where('code_hash', '=', codeHash)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows) === 1;
}

export async function dropSecondFactor({ db }: Tx, userId: string): Promise<void> {
  await db.deleteFrom('second_factor').where('user_id', '=', userId).execute();
  await db.deleteFrom('recovery_code').where('user_id', '=', userId).execute();
}
