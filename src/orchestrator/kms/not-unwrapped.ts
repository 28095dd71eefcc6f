/** One answer for every data key that does not open. */
import { RocError } from '../../kernel/errors.js';

export function notUnwrapped(why: string, cause?: unknown): RocError {
  return new RocError('ROC_BLOB_CORRUPT', `a stored data key does not open: ${why}`, {
    hint: 'Start roc with the master key (--kms) that belongs to this database.',
    cause,
  });
}
