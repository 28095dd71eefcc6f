/** How long a job waits before its next attempt. */
import { MINUTE, SECOND } from '../../kernel/time.js';

const FIRST_MS = 5 * SECOND;
const LONGEST_MS = 10 * MINUTE;

/**
 * Doubles with each counted attempt from 5 s to 10 min, half of it jitter, so that jobs that fell together do not
 * rise together.
 * @param attempt the attempt that just ended, from 1
 * @param random in [0, 1)
 */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 20), LONGEST_MS);
  return Math.round(full * (0.5 + random / 2));
}
