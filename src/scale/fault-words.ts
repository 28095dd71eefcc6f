/** An error in the words of a report: what was wrong, with the code where it says more than the words. */
import { isRocError } from '../kernel/errors.js';

export function faultWords(error: unknown): string {
  if (isRocError(error))
    return SAYS_ENOUGH.test(error.code) ? error.message : `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}

/** Not now, and not never: the words say what changed. */
const SAYS_ENOUGH = /^ROC_(PRECONDITION_FAILED|STALE_LEASE)$/;
