/** Which faults pass by themselves. */
import { type ErrorCode, isRocError } from '../../kernel/errors.js';

const PASSING: ReadonlySet<ErrorCode> = new Set([
  'ROC_THROTTLED',
  'ROC_UNAVAILABLE',
  'ROC_UNREACHABLE',
  'ROC_TIMEOUT',
]);

export function isPassing(error: unknown): boolean {
  // Without capacity AWS says "unavailable", but waiting does not help.
  return (
    isRocError(error) && PASSING.has(error.code) && !/Capacity/.test(String(error.details?.['aws'] ?? ''))
  );
}

/** The name that AWS gave an error, without its ending. */
export function awsName(error: unknown): string {
  return isRocError(error) ? String(error.details?.['aws'] ?? '') : '';
}
