/** Does something again and again until an interrupt, which is its ordinary end. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits `everyMs` after each time; an abort while it acts or waits ends it without an error. */
export async function repeat(everyMs: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  try {
    while (!signal.aborted) {
      await act();
      await sleep(everyMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
