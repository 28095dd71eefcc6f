/** Time that only a test moves: sleeps end when it says so, and are all written down. */
import type { Timing } from '../../src/runner/timing.js';

export interface FakeTiming extends Timing {
  /** Every sleep that began, in milliseconds. */
  readonly slept: number[];
  /** Lets time pass; sleeps that end in it end in their order, and what they wake runs. */
  advance(ms: number): Promise<void>;
  /** Lets everything run that waits for no time. */
  settle(): Promise<void>;
}

/** @param chance what random gives, always */
export function fakeTiming(chance = 1, start = Date.parse('2026-03-01T12:00:00Z')): FakeTiming {
  let now = 0;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const slept: number[] = [];
  const settle = async () => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    wall: () => start + now,
    mono: () => now,
    random: () => chance,
    slept,
    settle,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        slept.push(ms);
        if (signal?.aborted) return resolve();
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { at: now + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake);
      }),
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        now = Math.max(now, next.at);
        next.wake();
        await settle();
      }
      now = end;
    },
  };
}
