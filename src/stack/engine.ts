/** What every verb of the engine is given: access to AWS, time, chance, a way to stop and a way to tell. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RocError } from '../kernel/errors.js';
import type { Clock } from '../kernel/time.js';
import type { AwsAccess } from './aws/access.js';
import type { ProvisionEvent } from './provision-event.js';

export interface Engine {
  readonly access: AwsAccess;
  readonly clock: Clock;
  /** A new random token, for idempotent calls and names. */
  readonly token: () => string;
  /** Rejects with ROC_INTERRUPTED when the signal aborts. */
  readonly wait: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: (event: ProvisionEvent) => void;
}

/** The real waiting: ends at once when the signal aborts. */
export function waiting(signal?: AbortSignal): Engine['wait'] {
  return async (ms) => {
    try {
      await sleep(ms, undefined, { signal });
    } catch (cause) {
      throw new RocError('ROC_INTERRUPTED', 'interrupted', { cause });
    }
  };
}

/** Pauses that grow from `first` to `last` milliseconds, and start anew after {@link Pace.reset}. */
export interface Pace {
  next(): number;
  reset(): void;
}

export function pace(first: number, last: number): Pace {
  let current = first;
  return {
    next() {
      const now = current;
      current = Math.min(last, current * 1.5);
      return Math.round(now);
    },
    reset() {
      current = first;
    },
  };
}
