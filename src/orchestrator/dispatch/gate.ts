/** Something to wait at: an opening that comes before the wait is remembered, and used up by it. */

export interface Gate {
  readonly isOpen: boolean;
  open(): void;
  /** Resolves when opened, when the time is over, or when the signal aborts. One waits at a time. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createGate(): Gate {
  let isOpen = false;
  let onOpen = () => {};
  return {
    get isOpen() {
      return isOpen;
    },
    open: () => {
      isOpen = true;
      onOpen();
    },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          isOpen = false;
          onOpen = () => {};
          resolve();
        };
        const timer = setTimeout(done, ms);
        onOpen = done;
        signal.addEventListener('abort', done, { once: true });
        if (isOpen || signal.aborted) done();
      }),
  };
}
