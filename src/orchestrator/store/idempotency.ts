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

/** A key with what was asked under it. */
export interface WantedKey extends IdempotencyKey, TakenKey {}

/** The transaction that a key was wanted in is to be rolled back: somebody else has it. */
export class KeyTaken extends TypeError {}

/**
 * Takes keys, all or none; one whose time is over is free again. Where another transaction has one and has not ended
 * yet, this waits for it.
 * @throws KeyTaken
 */
export async function takeKeys(tx: Tx, keys: readonly WantedKey[]): Promise<void> {
  if (keys.length === 0) return;
  const now = await tx.now();
  // In one order for all, so that two that want the same ones never wait for one another.
  const rows = [...keys].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const key of rows)
    await held(sql`delete from idempotency where ${isKey(key)} and expires_at <= ${now}`).execute(tx.db);
  const values = rows.map(
    (key) => sql`(${key.tenantId}, ${key.route}, ${key.key}, ${key.requestHash}, ${key.status}, ${now},
      ${now + key.keepMs})`,
  );
  const { numAffectedRows } = await sql`${tx.dialect.insertMissing} into idempotency
    (tenant_id, route, idem_key, request_hash, status, created_at, expires_at)
    values ${sql.join(values)}`.execute(tx.db);
  if (Number(numAffectedRows) < keys.length) throw new KeyTaken();
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
    .where(isKey(key))
    .executeTakeFirst();
  if (row === undefined) return null;
  return { requestHash: row.request_hash, status: row.status, body: row.body, resourceId: row.resource_id };
}

/** Those of the keys that somebody has. */
export async function listTaken<K extends IdempotencyKey>({ db }: Reader, keys: readonly K[]): Promise<K[]> {
  if (keys.length === 0) return [];
  const rows = await db
    .selectFrom('idempotency')
    .select(['tenant_id', 'route', 'idem_key'])
    .where(({ or }) => or(keys.map(isKey)))
    .execute();
  const taken = new Set(rows.map(({ tenant_id, route, idem_key }) => `${tenant_id} ${route} ${idem_key}`));
  return keys.filter(({ tenantId, route, key }) => taken.has(`${tenantId} ${route} ${key}`));
}

function isKey({ tenantId, route, key }: IdempotencyKey) {
  return sql<boolean>`tenant_id = ${tenantId} and route = ${route} and idem_key = ${key}`;
}
