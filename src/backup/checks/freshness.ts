/** How old what was written down is, by its own word: a time that has not come yet proves nothing. Pure. */
import { formatDuration, MINUTE } from '../../kernel/time.js';
import type { Verdict } from '../results.js';
import type { Outcome } from './context.js';

/** Clocks of two hosts may be so far apart. */
export const CLOCKS_APART = 5 * MINUTE;

/** @param stale what it means where it is too old */
export function judgeFreshness(
  what: string,
  takenAt: string,
  most: number,
  now: number,
  stale: Exclude<Verdict, 'pass'>,
): Outcome {
  const age = now - Date.parse(takenAt);
  const expected = `${what} within ${formatDuration(most)}`;
  if (!(age >= -CLOCKS_APART))
    return {
      verdict: 'inconclusive',
      expected,
      actual: `of ${takenAt}, which has not come yet: a clock is wrong`,
    };
  const actual = `${formatDuration(Math.max(0, age))} old, of ${takenAt}`;
  return { verdict: age <= most ? 'pass' : stale, expected, actual };
}
