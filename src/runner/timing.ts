/** Time and chance as the runner uses them, in one object so that a test can own both. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../kernel/time.js';

export interface Timing {
  /** Epoch milliseconds: what is shown and signed. */
  readonly wall: Clock;
  /** Milliseconds that never go back: what leases and waits are measured with. */
  readonly mono: Clock;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
}

/** A longer timer would fire at once. */
const LONGEST = 2 ** 31 - 1;

export const realTiming: Timing = {
  wall: Date.now,
  mono: () => performance.now(),
  sleep: (ms, signal) =>
    delay(Math.min(ms, LONGEST), undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
  random: Math.random,
};
