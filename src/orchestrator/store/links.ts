/** One-time links: kept as a hash, short-lived, used once. */
import type { Selectable } from 'kysely';
import type { OneTimeLinkTable } from './sign-in-tables.js';
import type { Reader, Tx } from './store.js';

export type OneTimeLink = Selectable<OneTimeLinkTable>;

export type NewLink = Omit<OneTimeLink, 'id' | 'created_at' | 'expires_at' | 'used_at'> & {
  readonly lifeMs: number;
};

export async function insertLink(
  tx: Tx,
  { lifeMs, ...link }: NewLink,
): Promise<{ id: string; expiresAt: number }> {
  const [id, now] = [await tx.newId(), await tx.now()];
  const times = { created_at: now, expires_at: now + lifeMs, used_at: null };
  await tx.db
    .insertInto('one_time_link')
    .values({ ...link, id, ...times })
    .execute();
  return { id, expiresAt: times.expires_at };
}

/** A link that still counts, or null for any other. */
export async function findLink(reader: Reader, tokenHash: string): Promise<OneTimeLink | null> {
  const row = await reader.db
    .selectFrom('one_time_link')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', await reader.now())
    .executeTakeFirst();
  return row ?? null;
}

/** Uses a link up. False: somebody was faster, or its time was over. */
export async function useLink(tx: Tx, id: string): Promise<boolean> {
  const now = await tx.now();
  const { numUpdatedRows } = await tx.db
    .updateTable('one_time_link')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows) === 1;
}

/** Ends all open links of one kind of an account: a newer one, or what it was for, has taken their place. */
export async function endLinks(tx: Tx, userId: string, kinds: readonly OneTimeLink['kind'][]): Promise<void> {
  await tx.db
    .updateTable('one_time_link')
    .set({ used_at: await tx.now() })
    .where('user_id', '=', userId)
    .where('kind', 'in', [...kinds])
    .where('used_at', 'is', null)
    .execute();
}

/** Invitations of somebody who has no say in the tenant any more. */
export async function endInvitationsBy(tx: Tx, tenantId: string, email: string): Promise<void> {
  await tx.db
    .updateTable('one_time_link')
    .set({ used_at: await tx.now() })
    .where('tenant_id', '=', tenantId)
    .where('created_by', '=', email)
    .where('used_at', 'is', null)
    .execute();
}
