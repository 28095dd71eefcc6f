/** At start: proof that the master key opens what this database has. */
import { RocError } from '../../kernel/errors.js';
import type { Store } from '../store/store.js';
import { sampleWrappedKeys } from '../store/wrapped-keys.js';
import type { Kms } from './kms.js';

/**
 * Opens one data key of each kind that there is.
 * @throws RocError ROC_CHECK_FAILED; an outage of the Kms comes as it is
 */
export async function proveKeys(store: Store, kms: Kms): Promise<void> {
  for (const { table, id, wrapped, context } of await sampleWrappedKeys(store)) {
    const key = await kms.unwrap(wrapped, context).catch((cause: unknown) => {
      if ((cause as { code?: unknown }).code !== 'ROC_BLOB_CORRUPT') throw cause;
      throw new RocError('ROC_CHECK_FAILED', `the master key does not open ${table} ${id}`, {
        hint: 'Start with the master key (--kms) that belongs to this database, or name it in server.formerKms.',
        cause,
      });
    });
    key.fill(0);
  }
}
