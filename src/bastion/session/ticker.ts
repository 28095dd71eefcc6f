/** Calls a machine when its next deadline has come; thousands of messages a second share one timer. */
import { performance } from 'node:perf_hooks';

/** Epoch milliseconds with fractions that never go backwards. */
export const monotonicNow = (): number => performance.timeOrigin + performance.now();

/** The longest sleep: a deadline that moved nearer is noticed this late. */
const MAX_SLEEP = 50;

export class Ticker {
  readonly #nextAt: () => number | null;
  readonly #tick: (now: number) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(nextAt: () => number | null, tick: (now: number) => void) {
    this.#nextAt = nextAt;
    this.#tick = tick;
  }

  /** Cheap to call after anything that may have set a deadline. */
  schedule(): void {
    if (this.#timer !== undefined) return;
    const at = this.#nextAt();
    if (at === null) return;
    const sleep = Math.min(MAX_SLEEP, Math.max(1, at - monotonicNow()));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#tick(monotonicNow());
      this.schedule();
    }, sleep);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
