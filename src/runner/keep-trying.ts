/** Tries a call again, with pauses that grow, until it succeeds or its failure is one that trying again cannot mend. */
import { isRocError } from '../kernel/errors.js';
import { type BackoffOptions, backoffMs, DEFAULT_BACKOFF, retryAfterMs } from './backoff.js';
import type { Timing } from './timing.js';
import { type CallKind, verdictOf } from './verdict.js';

export interface KeepTryingOptions {
  readonly kind: CallKind;
  readonly timing: Timing;
  /** Ends the tries: the last failure is thrown. */
  readonly signal: AbortSignal;
  readonly backoff?: BackoffOptions;
  readonly onFailure?: (error: unknown, failures: number) => void;
}

/** @throws what the last try threw */
export async function keepTrying<T>(work: () => Promise<T>, options: KeepTryingOptions): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      options.onFailure?.(error, failures);
      if (options.signal.aborted || verdictOf(error, options.kind) !== 'retry') throw error;
      await options.timing.sleep(pauseMs(error, failures, options), options.signal);
      if (options.signal.aborted) throw error;
    }
  }
}

/** The pause after a failure: our own, or a longer one that the server asked for. */
export function pauseMs(
  error: unknown,
  failures: number,
  { timing, backoff = DEFAULT_BACKOFF }: Pick<KeepTryingOptions, 'timing' | 'backoff'>,
): number {
  const header = isRocError(error) ? error.details?.['retryAfter'] : null;
  const asked = retryAfterMs(typeof header === 'string' ? header : null, timing.wall());
  return Math.max(asked, backoffMs(failures, timing.random(), backoff));
}
