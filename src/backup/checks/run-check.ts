/** Runs one check and times it; what breaks on the way makes it inconclusive, never passed. */
import { isRocError } from '../../kernel/errors.js';
import type { CheckInput } from '../check-input.js';
import type { CheckResult } from '../results.js';
import type { Check } from './context.js';

export async function runCheck(
  check: Check,
  { now, signal, log }: Pick<CheckInput, 'now' | 'signal' | 'log'>,
): Promise<CheckResult> {
  signal.throwIfAborted();
  const { id, critical } = check;
  const began = now();
  const seconds = () => Math.max(0, now() - began) / 1000;
  try {
    const outcome = await check.run();
    return { id, critical, ...outcome, seconds: seconds() };
  } catch (error) {
    signal.throwIfAborted();
    log.warn(
      { check: id, error: error instanceof Error ? error.message : String(error) },
      'a check could not be finished',
    );
    return {
      id,
      critical,
      verdict: 'inconclusive',
      expected: 'a result',
      actual: `not finished: ${reason(error)}`,
      seconds: seconds(),
    };
  }
}

// The texts of the server may quote rows; codes do not.
function reason(error: unknown): string {
  if (!isRocError(error)) return error instanceof Error ? error.name : 'unknown error';
  const code = error.details?.['code'];
  return error.code === 'ROC_CHECK_FAILED' && typeof code === 'string'
    ? `the server answered ${code}`
    : error.message;
}
