/** A node as people name it, by its id or by its instance's, as the id that the API takes. */
import { RocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';
import { readList } from './pages.js';

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** @throws RocError ROC_NOT_FOUND, or ROC_CONFLICT where several nodes run on that instance */
export async function nodeId(client: Client, named: string): Promise<string> {
  if (ULID.test(named)) return named;
  const query = { instanceId: named };
  const { items } = await readList(client, 'nodes.list', { query, limit: Number.POSITIVE_INFINITY });
  // A process that was killed is in the list for a while beside the one that took its place.
  const [match, ...others] = items.filter(({ state }) => state !== 'gone');
  if (match === undefined) {
    throw new RocError('ROC_NOT_FOUND', `no node runs on ${named}`, {
      hint: '`roc nodes list` names those there are.',
    });
  }
  if (others.length > 0) {
    throw new RocError('ROC_CONFLICT', `${others.length + 1} nodes run on ${named}`, {
      hint: `Name it by its id: ${[match, ...others].map(({ id }) => id).join(', ')}.`,
    });
  }
  return match.id;
}
