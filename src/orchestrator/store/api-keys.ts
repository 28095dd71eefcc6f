/** API keys: made, found by their prefix, listed, revoked. */
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { Permission } from '../../protocol/permissions.js';
import type { Quota } from '../decide/token-bucket.js';
import type { ApiKeyTable } from './api-key-tables.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { found, fromJson, toJson } from './rows.js';
import type { Reader, Tx } from './store.js';

export type ApiKey = ReplyOf<'keys.list'>['items'][number];

export interface NewApiKey extends Quota {
  readonly tenantId: string;
  readonly consumer: string;
  readonly prefix: string;
  /** Made from all its terms, once its end is known. */
  readonly seal: (expiresAt: number) => string;
  readonly scopes: readonly Permission[];
  readonly lifeMs: number;
  readonly createdBy: string;
}

/** A key as authentication needs it. */
export interface KnownKey extends Quota {
  readonly id: string;
  readonly tenantId: string;
  readonly tenant: string;
  readonly consumer: string;
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
}

export async function insertApiKey(tx: Tx, key: NewApiKey): Promise<ApiKey> {
  const now = await tx.now();
  const row: ApiKeyTable = {
    id: await tx.newId(),
    tenant_id: key.tenantId,
    consumer: key.consumer,
    prefix: key.prefix,
    key_hash: key.seal(now + key.lifeMs),
    scopes: toJson(key.scopes),
    rps: key.rps,
    daily: key.daily,
    created_by: key.createdBy,
    created_at: now,
    expires_at: now + key.lifeMs,
    revoked_at: null,
    last_used_at: null,
  };
  await tx.db.insertInto('api_key').values(row).execute();
  return toApiKey(row, now);
}

/** Null for a prefix of no key, for one that was revoked, and where its tenant is not at work. */
export async function findApiKey({ db }: Reader, prefix: string): Promise<KnownKey | null> {
  const row = await db
    .selectFrom('api_key')
    .innerJoin('tenant', 'tenant.id', 'api_key.tenant_id')
    .selectAll('api_key')
    .select('tenant.name as tenant_name')
    .where('prefix', '=', prefix)
    .where('revoked_at', 'is', null)
    .where('tenant.state', '=', 'active')
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    tenantId: row.tenant_id,
    tenant: row.tenant_name,
    consumer: row.consumer,
    hash: row.key_hash,
    scopes: fromJson<string[]>(row.scopes),
    rps: row.rps,
    daily: row.daily,
    expiresAt: row.expires_at,
  };
}

/** Newest first. */
export async function listApiKeys(
  reader: Reader,
  query: PageQuery & { readonly tenantId: string; readonly prefix?: string | undefined },
): Promise<Page<ApiKey>> {
  const before = keyOfCursor(query);
  const now = await reader.now();
  const rows = await reader.db
    .selectFrom('api_key')
    .selectAll()
    .where('tenant_id', '=', query.tenantId)
    .$if(query.prefix !== undefined, (some) => some.where('prefix', '=', query.prefix ?? ''))
    .$if(before !== null, (some) => some.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
    .execute();
  return pageOf(
    rows,
    query,
    ({ id }) => id,
    (row) => toApiKey(row, now),
  );
}

/** @throws RocError ROC_NOT_FOUND */
export async function getApiKey(reader: Reader, tenantId: string, id: string): Promise<ApiKey> {
  const row = await reader.db
    .selectFrom('api_key')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return toApiKey(found(row, `API key ${id}`, 'See `roc keys list`.'), await reader.now());
}

/** One that was revoked keeps its time. @throws RocError ROC_NOT_FOUND */
export async function revokeApiKey(tx: Tx, tenantId: string, id: string): Promise<ApiKey> {
  const key = await getApiKey(tx, tenantId, id);
  await tx.db
    .updateTable('api_key')
    .set({ revoked_at: await tx.now() })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
  return key;
}

function toApiKey(row: ApiKeyTable, now: number): ApiKey {
  const isOver = row.expires_at <= now;
  return {
    id: row.id,
    consumer: row.consumer,
    prefix: row.prefix,
    state: row.revoked_at !== null ? 'revoked' : isOver ? 'expired' : 'active',
    scopes: fromJson(row.scopes),
    rps: row.rps,
    daily: row.daily,
    createdBy: row.created_by,
    createdAt: isoTime(row.created_at),
    expiresAt: isoTime(row.expires_at),
    lastUsedAt: isoTime(row.last_used_at),
  };
}
