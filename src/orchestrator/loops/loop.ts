/** Work that is done again and again until it is stopped, with jitter, surviving whatever one round throws. */
import type { Log } from '../../kernel/log.js';
import { SECOND } from '../../kernel/time.js';

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

/** A failing loop waits longer each time, up to this, or as long as it always does: what it failed for may be over. */
const LONGEST_PAUSE_MS = 3 * SECOND;

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
        next(Math.max(everyMs, Math.min(everyMs * 2 ** failures, LONGEST_PAUSE_MS)) * (0.75 + random() / 2));
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
