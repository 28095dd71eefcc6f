/** Waiting for an AbortSignal without leaving listeners on one that lives long. */
import { RocError } from '../kernel/errors.js';

/** Resolves when the signal aborts. For signals that live no longer than what waits. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** What `work` comes to, or ROC_INTERRUPTED as soon as the signal aborts; the work itself goes on unheard. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const interrupt = () => reject(new RocError('ROC_INTERRUPTED', 'interrupted'));
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupt));
  });
}
