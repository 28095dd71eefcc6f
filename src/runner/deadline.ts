/** A limit of time on work that takes an AbortSignal, without leaving listeners on the outer signal. */
import { RocError } from '../kernel/errors.js';

export interface Limit {
  readonly signal: AbortSignal;
  /** The time begins anew: something has come. */
  extend(): void;
}

/**
 * Runs `work` with a signal that aborts when nothing came for `ms`, or when `outer` does.
 * @throws RocError ROC_TIMEOUT after `ms`; ROC_INTERRUPTED when `outer` aborted; else what `work` threw
 */
export async function withDeadline<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (limit: Limit) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let timer = setTimeout(abort, ms);
  const extend = () => {
    clearTimeout(timer);
    timer = setTimeout(abort, ms);
  };
  outer?.addEventListener('abort', abort, { once: true });
  if (outer?.aborted) abort();
  try {
    return await work({ signal: controller.signal, extend });
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    if (outer?.aborted) throw new RocError('ROC_INTERRUPTED', 'interrupted', { cause: error });
    throw new RocError('ROC_TIMEOUT', `no answer within ${ms} ms`, {
      hint: 'Check the network between this runner and the server.',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', abort);
  }
}
