/** An error in the words of a report: what was wrong, with the code where it says more than the words. */
import { isRocError } from '../kernel/errors.js';
import { isStale } from './act.js';

export function faultWords(error: unknown): string {
  if (isRocError(error)) return isStale(error) ? error.message : `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
