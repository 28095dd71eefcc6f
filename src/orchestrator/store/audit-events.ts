/** The audit chain's rows: appended under a lock on the tenant's head, read in order. */
import { sql } from 'kysely';
import { type AuditEvent, type ChainedEvent, GENESIS } from '../../protocol/audit/chain.js';
import { type StoredEvent, targetOf } from '../../protocol/audit/verify-chain.js';
import { held } from './held-statements.js';
import { insertRows } from './insert-rows.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import type { Reader, Tx } from './store.js';

export interface AuditHead {
  /** 0 before the first event. */
  readonly seq: number;
  readonly hash: string;
}

/** Chains that a transaction holds already, as it has left them. */
const taken = new WeakMap<Tx, Map<string, AuditHead>>();

/** Takes the end of a tenant's chain for this transaction: who appends after it waits. */
export async function lockAuditHead(tx: Tx, tenantId: string): Promise<AuditHead> {
  const heads = taken.get(tx) ?? new Map<string, AuditHead>();
  taken.set(tx, heads);
  const head = heads.get(tenantId) ?? (await lockHead(tx, tenantId));
  heads.set(tenantId, head);
  return head;
}

async function lockHead({ db, dialect }: Tx, tenantId: string): Promise<AuditHead> {
  const find = () =>
    dialect
      .lock(db.selectFrom('audit_head').select(['seq', 'hash']).where('tenant_id', '=', tenantId))
      .executeTakeFirst();
  const known = await find();
  if (known !== undefined) return known;
  const empty = { seq: 0, hash: GENESIS };
  try {
    await db
      .insertInto('audit_head')
      .values({ tenant_id: tenantId, ...empty })
      .execute();
    return empty;
  } catch (error) {
    const made = dialect.isDuplicate(error) ? await find() : undefined;
    if (made === undefined) throw error;
    return made;
  }
}

export async function insertAuditEvent(
  tx: Tx,
  event: AuditEvent,
  { body, hash }: ChainedEvent,
  mac: string,
): Promise<void> {
  const row = {
    ...{ tenant_id: event.tenant, seq: event.seq, created_at: Date.parse(event.at), action: event.action },
    ...{ actor_id: event.actor.id, target_id: targetOf(event), body, hash, mac },
  };
  await insertRows(tx, 'audit_event', [row]);
  const moved = sql`update audit_head set seq = ${event.seq}, hash = ${hash} where tenant_id = ${event.tenant}`;
  await held(moved).execute(tx.db);
  taken.get(tx)?.set(event.tenant, { seq: event.seq, hash });
}

export async function readAuditHead({ db }: Reader, tenantId: string): Promise<AuditHead> {
  const row = await db
    .selectFrom('audit_head')
    .select(['seq', 'hash'])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row ?? { seq: 0, hash: GENESIS };
}

export async function listChains({ db }: Reader): Promise<string[]> {
  const rows = await db.selectFrom('audit_head').select('tenant_id').orderBy('tenant_id').execute();
  return rows.map(({ tenant_id }) => tenant_id);
}

export interface SealedEvent extends StoredEvent {
  readonly mac: string;
}

const BATCH = 1000;

/** All events after the given one, in order, read in batches. */
export async function* readChain(
  { db }: Reader,
  tenantId: string,
  afterSeq = 0,
  throughSeq = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<SealedEvent, void, undefined> {
  for (let after = afterSeq; ; ) {
    const rows = await db
      .selectFrom('audit_event')
      .select(['seq', 'created_at', 'action', 'actor_id', 'target_id', 'body', 'hash', 'mac'])
      .where('tenant_id', '=', tenantId)
      .where('seq', '>', after)
      .where('seq', '<=', throughSeq)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    for (const { seq, body, hash, mac, action, actor_id, target_id, created_at } of rows)
      yield { seq, body, hash, mac, columns: { action, actor: actor_id, target: target_id, at: created_at } };
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last.seq;
  }
}

export interface AuditQuery extends PageQuery {
  readonly tenantId: string;
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
}

export interface ListedEvent extends AuditEvent {
  readonly hash: string;
}

/** Newest first. */
export async function listAuditEvents({ db }: Reader, query: AuditQuery): Promise<Page<ListedEvent>> {
  const before = keyOfCursor(query);
  const rows = await db
    .selectFrom('audit_event')
    .select(['seq', 'body', 'hash'])
    .where('tenant_id', '=', query.tenantId)
    .$if(before !== null, (some) => some.where('seq', '<', Number(before)))
    .$if(query.action !== undefined, (some) => some.where('action', '=', query.action ?? ''))
    .$if(query.actor !== undefined, (some) => some.where('actor_id', '=', query.actor ?? ''))
    .$if(query.target !== undefined, (some) => some.where('target_id', '=', query.target ?? ''))
    .orderBy('seq', 'desc')
    .limit(query.limit + 1)
    .execute();
  return pageOf(
    rows,
    query,
    ({ seq }) => String(seq),
    ({ body, hash }) => ({ ...(JSON.parse(body) as AuditEvent), hash }),
  );
}

export async function firstAuditSeq({ db }: Reader, tenantId: string): Promise<number | null> {
  const row = await db
    .selectFrom('audit_event')
    .select('seq')
    .where('tenant_id', '=', tenantId)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return row?.seq ?? null;
}

/** Up to and with `throughSeq`, oldest first, so that a break leaves a whole rest. @returns how many */
export async function deleteAuditEvents(
  { db }: Reader,
  tenantId: string,
  throughSeq: number,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const rows = await db
      .selectFrom('audit_event')
      .select('seq')
      .where('tenant_id', '=', tenantId)
      .where('seq', '<=', throughSeq)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return removed;
    await db
      .deleteFrom('audit_event')
      .where('tenant_id', '=', tenantId)
      .where('seq', '<=', last.seq)
      .execute();
    removed += rows.length;
  }
}
