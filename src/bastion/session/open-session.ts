/** Starts one session and waits until the agent is ready. */
import { RocError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import type { SessionFacts } from '../protocol/handshake.js';
import { DataChannel } from './data-channel.js';
import type { Deadlines } from './deadlines.js';
import type { SessionApi, StartRequest } from './ports.js';

export interface OpenSessionOptions {
  readonly api: SessionApi;
  readonly request: StartRequest;
  readonly signal?: AbortSignal | undefined;
  /** Bytes a second towards the instance; no limit when absent. */
  readonly maxRate?: number | undefined;
  readonly deadlines?: Partial<Deadlines> | undefined;
  readonly log?: Log | undefined;
}

export interface OpenedSession {
  readonly channel: DataChannel;
  readonly facts: SessionFacts;
}

/**
 * Starts a session; a signal that aborts meanwhile ends it again.
 * @throws RocError with what StartSession, the gateway or the agent said
 */
export async function openSession(options: OpenSessionOptions): Promise<OpenedSession> {
  throwIfAborted(options.signal);
  const grant = await options.api.start(options.request);
  const channel = new DataChannel({
    api: options.api,
    grant,
    target: options.request.target,
    maxRate: options.maxRate,
    deadlines: options.deadlines,
    log: options.log,
  });
  const abort = () => void channel.terminate();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    if (options.signal?.aborted) abort();
    return { channel, facts: await channel.started };
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new RocError('ROC_INTERRUPTED', 'interrupted');
}
