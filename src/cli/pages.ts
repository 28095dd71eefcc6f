/** Reads a list of the server page by page, up to what the person asked for. */
import type { Client } from '../protocol/client.js';
import type { ParamsOf, QueryOf, ReplyOf } from '../protocol/contracts.js';
import type { RouteId } from '../protocol/routes.js';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export type ListRoute = { [K in RouteId]: ReplyOf<K> extends Page<unknown> ? K : never }[RouteId];
export type ItemOf<K extends ListRoute> = ReplyOf<K> extends Page<infer T> ? T : never;

export interface ListRequest<K extends ListRoute> {
  readonly params?: ParamsOf<K>;
  readonly query?: Omit<QueryOf<K>, 'limit' | 'cursor'>;
  readonly limit: number;
}

export interface List<T> {
  readonly items: readonly T[];
  /** Whether the server has more than were asked for. */
  readonly more: boolean;
}

const LARGEST_PAGE = 500;

export async function readList<K extends ListRoute>(
  client: Client,
  route: K,
  request: ListRequest<K>,
): Promise<List<ItemOf<K>>> {
  const items: ItemOf<K>[] = [];
  let more = false;
  for await (const page of readPages(client, route, request)) {
    items.push(...page.items);
    more = page.nextCursor !== null;
  }
  return { items, more };
}

/** The same page by page, for lists that are printed as they come. */
export async function* readPages<K extends ListRoute>(
  client: Client,
  route: K,
  request: ListRequest<K>,
): AsyncGenerator<Page<ItemOf<K>>, void, undefined> {
  let cursor: string | null = null;
  let left = request.limit;
  do {
    const limit = Math.min(LARGEST_PAGE, left);
    const query = { ...request.query, limit, ...(cursor === null ? {} : { cursor }) };
    const reply = await client.call(route, {
      query: query as QueryOf<K>,
      ...(request.params === undefined ? {} : { params: request.params }),
    });
    const page = reply as unknown as Page<ItemOf<K>>;
    yield page;
    left -= page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== null && left > 0);
}
