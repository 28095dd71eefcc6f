/** A runner as people name it, by id or by name, as the id that the API takes. */
import { RocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';
import { readList } from './pages.js';

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** @throws RocError ROC_NOT_FOUND, or ROC_CONFLICT where several have the name */
export async function runnerId(client: Client, named: string): Promise<string> {
  if (ULID.test(named)) return named;
  const { items } = await readList(client, 'runners.list', { limit: Number.POSITIVE_INFINITY });
  const [match, ...others] = items.filter(({ name }) => name === named);
  if (match === undefined) {
    throw new RocError('ROC_NOT_FOUND', `there is no runner ${named}`, {
      hint: '`roc runners list` names those there are.',
    });
  }
  if (others.length > 0) {
    throw new RocError('ROC_CONFLICT', `${others.length + 1} runners are called ${named}`, {
      hint: `Name it by its id: ${[match, ...others].map(({ id }) => id).join(', ')}.`,
    });
  }
  return match.id;
}
