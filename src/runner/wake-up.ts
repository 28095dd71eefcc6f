/** Something that several may wait for and that may happen again. */

export interface WakeUp {
  /** Resolves at the next {@link ring}; a signal that aborts only takes the waiting away. */
  next(signal?: AbortSignal): Promise<void>;
  ring(): void;
}

export function createWakeUp(): WakeUp {
  const waiting = new Set<() => void>();
  return {
    next: (signal) =>
      new Promise((resolve) => {
        waiting.add(resolve);
        signal?.addEventListener('abort', () => waiting.delete(resolve), { once: true });
      }),
    ring: () => {
      const woken = [...waiting];
      waiting.clear();
      for (const resolve of woken) resolve();
    },
  };
}
