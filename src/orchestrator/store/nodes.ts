/** The rows of nodes: each node says that it is there, and learns there that it shall rest. */
import { isoTime, SECOND } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { found, fromJson, toJson } from './rows.js';
import type { NodeTable } from './schema.js';
import type { Reader, Store, Tx } from './store.js';

export type NodeView = ReplyOf<'nodes.show'>;
export type NodeLoad = NodeView['load'];

export const NODE_BEAT_MS = 5 * SECOND;
/** Three beats without a word: it is gone, until it is heard of again. */
const GONE_MS = 3 * NODE_BEAT_MS;

export interface NodeIdentity {
  readonly id: string;
  readonly instanceId: string | null;
  readonly version: string;
}

/** Says that the node is there, making its row where there is none. @returns whether it shall drain */
export function beat(store: Store, node: NodeIdentity, load: NodeLoad): Promise<boolean> {
  return store.transaction(async (tx) => {
    const seen = { last_seen_at: await tx.now(), load_json: toJson(load) };
    const row = await tx.db
      .selectFrom('node')
      .select('is_draining')
      .where('id', '=', node.id)
      .executeTakeFirst();
    if (row === undefined) {
      const { id, instanceId, version } = node;
      const start = { is_draining: 0 as const, started_at: seen.last_seen_at, ...seen };
      await tx.db
        .insertInto('node')
        .values({ id, instance_id: instanceId, version, ...start })
        .execute();
    } else await tx.db.updateTable('node').set(seen).where('id', '=', node.id).execute();
    return row?.is_draining === 1;
  });
}

/** A node that stops says so: nobody needs to wait until it counts as gone. */
export async function forgetNode({ db }: Reader, id: string): Promise<void> {
  await db.deleteFrom('node').where('id', '=', id).execute();
}

export async function forgetNodesUnseenSince({ db }: Reader, before: number): Promise<void> {
  await db.deleteFrom('node').where('last_seen_at', '<', before).execute();
}

export async function listNodes(
  reader: Reader,
  query: PageQuery & { readonly instanceId?: string | undefined },
): Promise<Page<NodeView>> {
  let select = reader.db
    .selectFrom('node')
    .selectAll()
    .where('id', '>', keyOfCursor(query) ?? '');
  if (query.instanceId !== undefined) select = select.where('instance_id', '=', query.instanceId);
  const rows = await select
    .orderBy('id')
    .limit(query.limit + 1)
    .execute();
  const now = await reader.now();
  return pageOf(
    rows,
    query,
    ({ id }) => id,
    (row) => toNode(row, now),
  );
}

/** @throws RocError ROC_NOT_FOUND */
export async function getNode(reader: Reader, id: string): Promise<NodeView> {
  const row = await reader.db.selectFrom('node').selectAll().where('id', '=', id).executeTakeFirst();
  return toNode(found(row, `node ${id}`, 'See `roc nodes list`.'), await reader.now());
}

/** @throws RocError ROC_NOT_FOUND */
export async function setDraining(tx: Tx, id: string, isDraining: boolean): Promise<NodeView> {
  await tx.db
    .updateTable('node')
    .set({ is_draining: isDraining ? 1 : 0 })
    .where('id', '=', id)
    .execute();
  return getNode(tx, id);
}

function toNode(row: NodeTable, now: number): NodeView {
  const isGone = now - row.last_seen_at > GONE_MS;
  return {
    id: row.id,
    instanceId: row.instance_id,
    version: row.version,
    state: isGone ? 'gone' : row.is_draining === 1 ? 'draining' : 'online',
    load: fromJson<NodeLoad>(row.load_json),
    startedAt: isoTime(row.started_at),
    lastSeenAt: isoTime(row.last_seen_at),
  };
}
