/** The servers of the orchestrator that run on the group's instances, and telling one to rest. */
import type { Client } from '../../protocol/client.js';
import type { ReplyOf } from '../../protocol/contracts.js';

export interface Node {
  readonly id: string;
  readonly instanceId: string | null;
  readonly state: 'online' | 'draining' | 'gone';
  /** Long polls and event streams that it holds. */
  readonly held: number;
  /** When it was last heard of, as the server writes it; a new text is a new beat. */
  readonly lastSeenAt: string;
}

export interface Nodes {
  /** Every server, also those that are gone. */
  list(): Promise<Node[]>;
  drain(id: string): Promise<Node>;
  resume(id: string): Promise<Node>;
}

const PAGE = 100;

/** Speaks to `/api/v1/nodes`; needs the permissions nodes:read and nodes:manage. */
export function nodesOf(client: Client): Nodes {
  return {
    list: async () => (await listNodes(client)).map(toNode),
    drain: async (id) => toNode(await client.call('nodes.drain', { params: { id } })),
    resume: async (id) => toNode(await client.call('nodes.resume', { params: { id } })),
  };
}

/** All of them, page by page. @throws RocError with the server's code */
export async function listNodes(client: Client): Promise<ReplyOf<'nodes.show'>[]> {
  const found: ReplyOf<'nodes.show'>[] = [];
  let cursor: string | null = null;
  do {
    const page: ReplyOf<'nodes.list'> = await client.call('nodes.list', {
      query: { limit: PAGE, ...(cursor === null ? {} : { cursor }) },
    });
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

function toNode({ id, instanceId, state, load, lastSeenAt }: ReplyOf<'nodes.show'>): Node {
  return { id, instanceId, state, held: load.held, lastSeenAt };
}
