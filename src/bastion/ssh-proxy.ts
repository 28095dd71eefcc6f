/** `roc bastion ssh-proxy`: the bytes of one SSH connection on standard input and output, for ProxyCommand. */
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Log } from '../kernel/log.js';
import { openSession } from './session/open-session.js';
import type { SessionApi } from './session/ports.js';
import { RawStream } from './session/raw-stream.js';
import { closedBy } from './session/session-end.js';

export interface SshProxyOptions {
  readonly api: SessionApi;
  readonly target: string;
  readonly port: number;
  readonly input: Readable;
  readonly output: Writable;
  readonly reason?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly log?: Log | undefined;
}

/** Resolves when either side has ended it. */
export async function proxySsh(options: SshProxyOptions): Promise<void> {
  const { api, target, port, input, output, reason, signal, log } = options;
  const { channel } = await openSession({
    api,
    request: { target, document: 'AWS-StartSSHSession', parameters: { portNumber: [String(port)] }, reason },
    signal,
    log,
  });
  const stream = new RawStream(channel);
  const end = () => void channel.terminate();
  signal?.addEventListener('abort', end, { once: true });
  const towards = pipeline(input, stream).then(end, end);
  const back = pipeline(stream, output, { end: false }).catch(() => {});
  const closed = await channel.closed;
  await back;
  input.destroy();
  await towards;
  if (closed.by === 'failure') throw closed.error;
  if (closed.by === 'them' && closed.reason !== '') throw closedBy(closed.reason);
}
