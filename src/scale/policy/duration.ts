/** Durations as the policy of scaling writes them. */
import { z } from 'zod';
import { DAY, parseDuration } from '../../kernel/time.js';

const LONGEST = 35 * DAY;

/** `90s`, `15m`, `1h30m`, or a number of seconds; milliseconds once read. */
export const duration = z
  .union([z.string(), z.number().nonnegative()])
  .refine((value) => millis(value) !== null, 'expected a duration such as 90s, 15m or 1h30m, up to 35d')
  .transform((value) => millis(value) ?? 0);

function millis(value: string | number): number | null {
  try {
    const ms = typeof value === 'number' ? Math.round(value * 1000) : parseDuration(value);
    return ms >= 0 && ms <= LONGEST ? ms : null;
  } catch {
    return null;
  }
}
