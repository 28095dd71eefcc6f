/** Projects, environments and pools: names inside a tenant. */
import { RocError } from '../../kernel/errors.js';
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { Sight } from '../decide/reach.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { found } from './rows.js';
import type { NamedTable } from './schema.js';
import { inSightOfProjects } from './sight.js';
import type { Reader, Tx } from './store.js';

export type PlaceKind = 'project' | 'environment' | 'pool';
export type Place = ReplyOf<'projects.create'>;
export type Pool = ReplyOf<'pools.list'>['items'][number];

/** @throws RocError ROC_CONFLICT when the name is taken */
export async function createPlace(tx: Tx, kind: PlaceKind, tenantId: string, name: string): Promise<Place> {
  const place = await insertPlace(tx, kind, tenantId, name);
  if (place !== null) return place;
  throw new RocError('ROC_CONFLICT', `${articleOf(kind)} named ${name} exists already`, {
    hint: `Choose another name, or use that ${kind}.`,
  });
}

/** Null when the name is taken. */
export async function insertPlace(
  tx: Tx,
  kind: PlaceKind,
  tenantId: string,
  name: string,
): Promise<Place | null> {
  const row = { id: await tx.newId(), tenant_id: tenantId, name, created_at: await tx.now() };
  try {
    await tx.db.insertInto(kind).values(row).execute();
    return toPlace(row);
  } catch (error) {
    if (tx.dialect.isDuplicate(error)) return null;
    throw error;
  }
}

export async function listPlaces(
  { db }: Reader,
  kind: PlaceKind,
  query: PageQuery & { readonly tenantId: string; readonly sight: Sight },
): Promise<Page<Place>> {
  const rows = await db
    .selectFrom(kind)
    .selectAll()
    .where('tenant_id', '=', query.tenantId)
    .where('name', '>', keyOfCursor(query) ?? '')
    .$if(kind === 'project', (some) => some.where(inSightOfProjects(query.sight, 'id', true)))
    .orderBy('name')
    .limit(query.limit + 1)
    .execute();
  return pageOf(rows, query, ({ name }) => name, toPlace);
}

/** @throws RocError ROC_NOT_FOUND */
export async function getPlace(
  { db }: Reader,
  kind: PlaceKind,
  tenantId: string,
  name: string,
): Promise<Place> {
  const row = await db
    .selectFrom(kind)
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirst();
  return toPlace(found(row, `${kind} ${name}`, `See \`roc ${kind}s list\`, or create it.`));
}

/** The id of a named place. @throws RocError ROC_NOT_FOUND */
export async function requirePlace(
  { db }: Reader,
  kind: PlaceKind,
  tenantId: string,
  name: string,
): Promise<string> {
  const row = await db
    .selectFrom(kind)
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirst();
  return found(row, `${kind} ${name}`, `See \`roc ${kind}s list\`, or create it.`).id;
}

export function requireProject(reader: Reader, tenantId: string, name: string): Promise<string> {
  return requirePlace(reader, 'project', tenantId, name);
}

/** Pools with how many runners are online and how many jobs wait. */
export async function listPools(
  reader: Reader,
  query: PageQuery & { readonly tenantId: string; readonly sight: Sight; readonly onlineMs: number },
): Promise<Page<Pool>> {
  const { items, nextCursor } = await listPlaces(reader, 'pool', query);
  const ids = items.map(({ id }) => id);
  const online = await countRunnersOnline(reader, ids, query.onlineMs);
  const queued = await countQueued(reader, query.tenantId, ids);
  return {
    items: items.map((pool) => ({
      ...pool,
      runnersOnline: online.get(pool.id) ?? 0,
      queued: queued.get(pool.id) ?? 0,
    })),
    nextCursor,
  };
}

async function countRunnersOnline(
  reader: Reader,
  poolIds: readonly string[],
  onlineMs: number,
): Promise<Map<string, number>> {
  if (poolIds.length === 0) return new Map();
  const rows = await reader.db
    .selectFrom('runner')
    .select(['pool_id', ({ fn }) => fn.countAll<number>().as('n')])
    .where('pool_id', 'in', poolIds)
    .where('last_seen_at', '>=', (await reader.now()) - onlineMs)
    .groupBy('pool_id')
    .execute();
  return new Map(rows.map(({ pool_id, n }) => [pool_id, Number(n)]));
}

async function countQueued(
  { db }: Reader,
  tenantId: string,
  poolIds: readonly string[],
): Promise<Map<string, number>> {
  if (poolIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('job_ready')
    .select(['pool_id', ({ fn }) => fn.countAll<number>().as('n')])
    .where('tenant_id', '=', tenantId)
    .where('pool_id', 'in', poolIds)
    .groupBy('pool_id')
    .execute();
  return new Map(rows.map(({ pool_id, n }) => [pool_id, Number(n)]));
}

function toPlace(row: NamedTable): Place {
  return { id: row.id, name: row.name, createdAt: isoTime(row.created_at) };
}

function articleOf(kind: PlaceKind): string {
  return kind === 'environment' ? `an ${kind}` : `a ${kind}`;
}
