/** Replies kept for a repeated request: a key is first reserved, then given its reply, best in the work's own transaction. */
import type { Reader, Store } from './store.js';

export interface IdempotencyKey {
  readonly tenantId: string;
  readonly route: string;
  readonly key: string;
}

export type Reservation =
  | { readonly state: 'reserved' }
  | { readonly state: 'running'; readonly requestHash: string }
  | { readonly state: 'done'; readonly requestHash: string; readonly status: number; readonly body: string };

/** Nothing answered yet. */
const RUNNING = 0;

/**
 * Takes a key for a request, or tells what is known of it. A reservation that was not finished lapses after
 * `reserveMs`; whoever finds it lapsed takes it over.
 */
export function reserveKey(
  store: Store,
  key: IdempotencyKey,
  requestHash: string,
  reserveMs: number,
): Promise<Reservation> {
  return store.transaction(async (tx) => {
    const now = await tx.now();
    const fresh = { request_hash: requestHash, status: RUNNING, body: null, created_at: now };
    const expires_at = now + reserveMs;
    const known = await tx.dialect
      .lock(byKey(tx, key).select(['request_hash', 'status', 'body', 'expires_at']))
      .executeTakeFirst();
    if (known === undefined) {
      const names = { tenant_id: key.tenantId, route: key.route, idem_key: key.key };
      try {
        await tx.db
          .insertInto('idempotency')
          .values({ ...names, ...fresh, expires_at })
          .execute();
        return { state: 'reserved' };
      } catch (error) {
        if (tx.dialect.isDuplicate(error)) return { state: 'running', requestHash };
        throw error;
      }
    }
    if (known.expires_at <= now) {
      await updateKey(tx, key, { ...fresh, expires_at });
      return { state: 'reserved' };
    }
    if (known.status === RUNNING) return { state: 'running', requestHash: known.request_hash };
    const { request_hash, status, body } = known;
    return { state: 'done', requestHash: request_hash, status, body: body ?? 'null' };
  });
}

/** Keeps the reply for `keepMs`. In the transaction of the work itself, the two are done together or not at all. */
export async function finishKey(
  reader: Reader,
  key: IdempotencyKey,
  reply: { readonly status: number; readonly body: string; readonly keepMs: number },
): Promise<void> {
  const expires_at = (await reader.now()) + reply.keepMs;
  await updateKey(reader, key, { status: reply.status, body: reply.body, expires_at });
}

/** Gives a key back whose request did nothing. */
export async function releaseKey({ db }: Reader, key: IdempotencyKey): Promise<void> {
  await db
    .deleteFrom('idempotency')
    .where('tenant_id', '=', key.tenantId)
    .where('route', '=', key.route)
    .where('idem_key', '=', key.key)
    .where('status', '=', RUNNING)
    .execute();
}

function byKey({ db }: Reader, key: IdempotencyKey) {
  return db
    .selectFrom('idempotency')
    .where('tenant_id', '=', key.tenantId)
    .where('route', '=', key.route)
    .where('idem_key', '=', key.key);
}

async function updateKey(
  { db }: Reader,
  key: IdempotencyKey,
  set: {
    status: number;
    body: string | null;
    expires_at: number;
    request_hash?: string;
    created_at?: number;
  },
): Promise<void> {
  await db
    .updateTable('idempotency')
    .set(set)
    .where('tenant_id', '=', key.tenantId)
    .where('route', '=', key.route)
    .where('idem_key', '=', key.key)
    .execute();
}
