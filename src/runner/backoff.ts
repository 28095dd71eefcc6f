/** How long to wait after a failure: doubling, jittered so that a thousand runners do not return at once. */
import { MINUTE, SECOND } from '../kernel/time.js';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
}

export const DEFAULT_BACKOFF = { firstMs: 500, mostMs: 30 * SECOND } as const satisfies BackoffOptions;

/** A server may ask for a longer pause than our own, but not for one that looks like an outage of the runner. */
const MOST_RETRY_AFTER = 5 * MINUTE;

/**
 * Milliseconds before the next try.
 * @param failures in a row, from 1
 * @param chance from 0 up to 1; the wait lies in the upper half of its range, so it is never short by luck
 */
export function backoffMs(
  failures: number,
  chance: number,
  options: BackoffOptions = DEFAULT_BACKOFF,
): number {
  const doubled = options.firstMs * 2 ** Math.min(failures - 1, 30);
  const ceiling = Math.min(doubled, options.mostMs);
  return Math.round(ceiling / 2 + (chance * ceiling) / 2);
}

/** Reads Retry-After (RFC 9110 §10.2.3: seconds or an HTTP date) as milliseconds; 0 where it says nothing usable. */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return 0;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * SECOND : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MOST_RETRY_AFTER) : 0;
}
