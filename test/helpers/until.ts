/** Waiting for something outside the test's hands, with a limit and a message that says what never came. */
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer that is on its way at the end is waited for. */
const GRACE_MS = 10_000;

/**
 * Asks `probe` again and again until it gives something other than undefined, null or false.
 * @throws TypeError naming `what` after `timeoutMs`; what `probe` throws counts as "not yet"
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Exclude<T, undefined | null | false>> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const value = await within(end - performance.now() + GRACE_MS, what, probe());
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>;
      }
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  } while (performance.now() < end);
  throw new TypeError(`${what}: not within ${timeoutMs} ms`, { cause: last });
}

/** What `work` gives. @throws TypeError naming `what` after so many milliseconds; the work itself is not stopped */
export async function within<T>(limitMs: number, what: string, work: T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TypeError(`${what}: not within ${Math.round(limitMs)} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
