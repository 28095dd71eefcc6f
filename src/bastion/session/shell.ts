/** An interactive shell: keys to the instance, its output to the terminal, until either side ends it. */
import { PAYLOAD } from '../protocol/payload-type.js';
import { PAYLOAD_SIZE } from '../smux/payload-packer.js';
import type { DataChannel } from './data-channel.js';
import { escapeFilter } from './escape-keys.js';
import type { Recording } from './recording.js';
import type { SessionEnd } from './session-end.js';
import type { Terminal } from './terminal.js';

export interface ShellOptions {
  readonly channel: DataChannel;
  readonly terminal: Terminal;
  readonly recording?: Recording | undefined;
  /** Ends the session from outside (SIGTERM, SIGHUP). */
  readonly signal?: AbortSignal | undefined;
}

/** Resolves with how the session ended; the terminal is as it was before. */
export async function runShell({ channel, terminal, recording, signal }: ShellOptions): Promise<SessionEnd> {
  const filter = escapeFilter();
  const sendSize = () => {
    const { cols, rows } = terminal.size;
    channel.write([Buffer.from(JSON.stringify({ cols, rows }))], PAYLOAD.size);
  };
  const end = () => void channel.terminate();
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  try {
    terminal.enter();
    channel.setSink((payloadType, payload) => {
      if (payloadType !== PAYLOAD.output && payloadType !== PAYLOAD.stderr) return;
      recording?.output(payload);
      // Copied: the terminal may write it later, and the view is the socket's.
      if (!terminal.write(Buffer.from(payload))) channel.setReading(false);
    });
    terminal.onDrain(() => channel.setReading(true));
    sendSize();
    terminal.onResize(() => {
      sendSize();
      recording?.resize(terminal.size.cols, terminal.size.rows);
    });
    terminal.onInput((keys) => {
      const { pass, isEscape } = filter(keys);
      for (let at = 0; at < pass.length; at += PAYLOAD_SIZE)
        channel.write([pass.subarray(at, at + PAYLOAD_SIZE)]);
      if (isEscape) end();
    });
    return await channel.closed;
  } finally {
    terminal.leave();
    signal?.removeEventListener('abort', end);
    await recording?.end();
  }
}
