/** A clock that only a test moves; whoever waits for an instant wakes when it is reached. */

export interface TestClock {
  readonly now: () => number;
  /** Resolves when the clock has come so far; at once where `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  advance(ms: number): void;
  /** Instants that somebody waits for, soonest first. */
  readonly waiting: () => readonly number[];
}

export function testClock(start = Date.parse('2026-03-02T12:00:00Z')): TestClock {
  let now = start;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    waiting: () => sleepers.map(({ at }) => at).sort((a, b) => a - b),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((one) => one !== sleeper);
          resolve();
        });
      }),
    advance(ms) {
      now += ms;
      const due = sleepers.filter(({ at }) => at <= now);
      sleepers = sleepers.filter(({ at }) => at > now);
      for (const { wake } of due) wake();
    },
  };
}
