/** Sign-ins through an identity provider on their way, and whom its people are here. */
import type { Selectable } from 'kysely';
import type { SsoAttemptTable } from './sign-in-tables.js';
import type { Reader, Tx } from './store.js';

export type SsoAttempt = Selectable<SsoAttemptTable>;

export async function insertAttempt(
  tx: Tx,
  attempt: Omit<SsoAttempt, 'code_hash' | 'session_user'>,
): Promise<void> {
  await tx.db
    .insertInto('sso_attempt')
    .values({ ...attempt, code_hash: null, session_user: null })
    .execute();
}

/** Takes an attempt out, by what its browser holds: each is answered once. Null for what is not there or too late. */
export async function takeAttempt(tx: Tx, id: string): Promise<SsoAttempt | null> {
  return takeBy(tx, 'id', id);
}

/** Puts it back with what the waiting command will show. */
export async function insertCode(tx: Tx, attempt: SsoAttempt): Promise<void> {
  await tx.db.insertInto('sso_attempt').values(attempt).execute();
}

export async function takeCodeAttempt(tx: Tx, codeHash: string): Promise<SsoAttempt | null> {
  return takeBy(tx, 'code_hash', codeHash);
}

export async function findIdentity({ db }: Reader, issuer: string, subject: string): Promise<string | null> {
  const row = await db
    .selectFrom('sso_identity')
    .select('user_id')
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row?.user_id ?? null;
}

export async function insertIdentity(
  tx: Tx,
  identity: { readonly issuer: string; readonly subject: string; readonly userId: string },
): Promise<void> {
  const { issuer, subject, userId } = identity;
  await tx.db
    .insertInto('sso_identity')
    .values({ issuer, subject, user_id: userId, created_at: await tx.now() })
    .execute();
}

async function takeBy(tx: Tx, column: 'id' | 'code_hash', value: string): Promise<SsoAttempt | null> {
  const query = tx.db.selectFrom('sso_attempt').selectAll().where(column, '=', value);
  const row = await tx.dialect.lock(query).executeTakeFirst();
  if (row === undefined) return null;
  await tx.db.deleteFrom('sso_attempt').where('id', '=', row.id).execute();
  return row.expires_at > (await tx.now()) ? row : null;
}
