/** Durations as policies and settings write them. */
import { z } from 'zod';
import { DAY, parseDuration } from '../kernel/time.js';

/** `90s`, `15m`, `26h`, `35d`, or a number of seconds; milliseconds once read. */
export const duration = z
  .union([z.string(), z.int().nonnegative()])
  .refine(isDuration, 'expected a duration such as 90s, 15m, 26h or 35d')
  .transform((value) => (typeof value === 'number' ? value * 1000 : parseDuration(value)));

function isDuration(value: string | number): boolean {
  if (typeof value === 'number') return value <= (3650 * DAY) / 1000;
  try {
    const ms = parseDuration(value);
    return ms >= 0 && ms <= 3650 * DAY;
  } catch {
    return false;
  }
}
