/** Sign-ins. A row is a family of refresh tokens: the newest one's hash, the one before it, and whether it still counts. */
import { sql } from 'kysely';
import type { Reader, Tx } from './store.js';

export interface Session {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly refreshHash: string;
  readonly previousHash: string | null;
  readonly rotatedAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
  /** The latest end, however often it is renewed: of sessions of an identity provider. */
  readonly endsAt: number | null;
}

export interface NewSession {
  /** Made by the caller, since the token holds it. */
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly refreshHash: string;
  readonly lifeMs: number;
  /** It ends then at the latest, however often it is renewed; absent where it may go on. */
  readonly endsInMs?: number | undefined;
}

export async function insertSession(tx: Tx, session: NewSession): Promise<Session> {
  const now = await tx.now();
  const row = {
    id: session.id,
    tenant_id: session.tenantId,
    user_id: session.userId,
    refresh_hash: session.refreshHash,
    previous_hash: null,
    created_at: now,
    rotated_at: now,
    expires_at: now + Math.min(session.lifeMs, session.endsInMs ?? session.lifeMs),
    revoked_at: null,
    ends_at: session.endsInMs === undefined ? null : now + session.endsInMs,
  };
  await tx.db.insertInto('session').values(row).execute();
  return toSession(row);
}

export async function findSession({ db }: Reader, id: string): Promise<Session | null> {
  const row = await db.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : toSession(row);
}

/** As findSession, held until the transaction ends: two refreshes of one family wait for one another. */
export async function lockSession({ db, dialect }: Tx, id: string): Promise<Session | null> {
  const row = await dialect
    .lock(db.selectFrom('session').selectAll().where('id', '=', id))
    .executeTakeFirst();
  return row === undefined ? null : toSession(row);
}

/** Replaces the newest token, if it is still the one given. False: somebody was faster. */
export async function rotateSession(
  tx: Tx,
  rotation: { readonly id: string; readonly from: string; readonly to: string; readonly lifeMs: number },
): Promise<boolean> {
  const now = await tx.now();
  const { numUpdatedRows } = await tx.db
    .updateTable('session')
    .set({
      refresh_hash: rotation.to,
      previous_hash: rotation.from,
      rotated_at: now,
      expires_at: sql<number>`case when ends_at is null or ends_at > ${now + rotation.lifeMs}
        then ${now + rotation.lifeMs} else ends_at end`,
    })
    .where('id', '=', rotation.id)
    .where('refresh_hash', '=', rotation.from)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows) === 1;
}

/** Ends a session; one that has ended keeps its time. */
export async function revokeSession(tx: Tx, id: string): Promise<void> {
  await tx.db
    .updateTable('session')
    .set({ revoked_at: await tx.now() })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
}

/** Ends all sessions of a person, in one tenant or in all, but for one that is kept. */
export async function revokeSessionsOf(
  tx: Tx,
  userId: string,
  tenantId: string | null,
  keep: string | null = null,
): Promise<void> {
  await tx.db
    .updateTable('session')
    .set({ revoked_at: await tx.now() })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .$if(tenantId !== null, (some) => some.where('tenant_id', '=', tenantId ?? ''))
    .$if(keep !== null, (some) => some.where('id', '!=', keep ?? ''))
    .execute();
}

interface SessionRow {
  id: string;
  tenant_id: string;
  user_id: string;
  refresh_hash: string;
  previous_hash: string | null;
  rotated_at: number;
  expires_at: number;
  revoked_at: number | null;
  ends_at: number | null;
}

function toSession(row: SessionRow): Session {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    userId: row.user_id,
    refreshHash: row.refresh_hash,
    previousHash: row.previous_hash,
    rotatedAt: row.rotated_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    endsAt: row.ends_at,
  };
}
