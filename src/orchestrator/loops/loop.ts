/** Work that is done again and again until it is stopped, with jitter, surviving whatever one round throws. */
import type { Log } from '../../kernel/log.js';

export interface LoopOptions {
  readonly name: string;
  readonly everyMs: number;
  /** One round; may say that there is more to do, which starts the next one at once. */
  readonly round: () => Promise<{ more: boolean }>;
  readonly log: Log;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly timer?: Timer;
}

export interface Timer {
  set(work: () => void, ms: number): unknown;
  clear(handle: unknown): void;
}

export interface Loop {
  /** Ends it; resolves when the round in progress is done. */
  stop(): Promise<void>;
}

const systemTimer: Timer = {
  set: (work, ms) => setTimeout(work, ms).unref(),
  clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

/** The longest that a failing loop waits, in intervals. */
const MAX_BACKOFF = 16;

export function startLoop({ name, everyMs, round, log, random, timer = systemTimer }: LoopOptions): Loop {
  let isStopped = false;
  let handle: unknown;
  let failures = 0;
  let current = Promise.resolve();
  const next = (ms: number) => {
    if (!isStopped) handle = timer.set(run, ms);
  };
  const run = () => {
    current = round().then(
      ({ more }) => {
        if (failures > 0) log.info({ loop: name, failures }, 'loop works again');
        failures = 0;
        // Half of the interval is jitter: two nodes that started together drift apart.
        next(more ? 0 : everyMs * (0.75 + random() / 2));
      },
      (error: unknown) => {
        failures++;
        // An outage is one line, not one a second.
        if (failures === 1) log.warn({ loop: name, err: error }, 'loop round failed, will go on trying');
        else log.debug({ loop: name, err: error, failures }, 'loop round failed');
        next(everyMs * Math.min(2 ** failures, MAX_BACKOFF) * (0.75 + random() / 2));
      },
    );
  };
  next(everyMs * random());
  return {
    stop: async () => {
      isStopped = true;
      timer.clear(handle);
      await current;
    },
  };
}
