/** Replies kept for repeated requests. A key is taken in the transaction that does the work: both happen once or not at all. */
import { sql } from 'kysely';
import { held } from './held-statements.js';
import type { Reader, Tx } from './store.js';

export interface IdempotencyKey {
  readonly tenantId: string;
  readonly route: string;
  readonly key: string;
}

export interface TakenKey {
  /** SHA-256 of what was asked, lower-case hex. */
  readonly requestHash: string;
  readonly status: number;
  readonly keepMs: number;
}

/** A reply as JSON, or the id of what was made where the reply held a secret. */
export type KeptReply = { readonly body: string } | { readonly resourceId: string };

export interface FoundReply {
  readonly requestHash: string;
  readonly status: number;
  readonly body: string | null;
  readonly resourceId: string | null;
}

/**
 * Takes a key; one whose time is over is free again. False: somebody else has it, and this transaction is to be
 * rolled back. Where that other one has not ended yet, this waits for it.
 */
export async function takeKey(tx: Tx, key: IdempotencyKey, taken: TakenKey): Promise<boolean> {
  const now = await tx.now();
  const named = columnsOf(key);
  await held(sql`delete from idempotency where ${isKey(key)} and expires_at <= ${now}`).execute(tx.db);
  const { requestHash, status, keepMs } = taken;
  const row = { ...named, request_hash: requestHash, status, body: null, resource_id: null };
  try {
    await tx.db
      .insertInto('idempotency')
      .values({ ...row, created_at: now, expires_at: now + keepMs })
      .execute();
    return true;
  } catch (error) {
    if (tx.dialect.isDuplicate(error)) return false;
    throw error;
  }
}

/** Keeps the reply of the work that was done in this transaction. */
export async function keepReply({ db }: Tx, key: IdempotencyKey, reply: KeptReply): Promise<void> {
  const kept = 'body' in reply ? sql`body = ${reply.body}` : sql`resource_id = ${reply.resourceId}`;
  await held(sql`update idempotency set ${kept} where ${isKey(key)}`).execute(db);
}

export async function findReply({ db }: Reader, key: IdempotencyKey): Promise<FoundReply | null> {
  const row = await db
    .selectFrom('idempotency')
    .select(['request_hash', 'status', 'body', 'resource_id'])
    .where(({ and }) => and(columnsOf(key)))
    .executeTakeFirst();
  if (row === undefined) return null;
  return { requestHash: row.request_hash, status: row.status, body: row.body, resourceId: row.resource_id };
}

function isKey({ tenantId, route, key }: IdempotencyKey) {
  return sql`tenant_id = ${tenantId} and route = ${route} and idem_key = ${key}`;
}

function columnsOf({ tenantId, route, key }: IdempotencyKey) {
  return { tenant_id: tenantId, route, idem_key: key };
}
