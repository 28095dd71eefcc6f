/** `roc bastion connect`: an interactive shell on an instance. */
import { RocError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { openSession } from './session/open-session.js';
import type { SessionApi } from './session/ports.js';
import { startRecording } from './session/recording.js';
import { closedBy } from './session/session-end.js';
import { runShell } from './session/shell.js';
import type { Terminal } from './session/terminal.js';

export interface ConnectOptions {
  readonly api: SessionApi;
  readonly target: string;
  readonly terminal: Terminal;
  readonly document?: string | undefined;
  readonly parameters?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly reason?: string | undefined;
  /** A file for an asciicast of what is shown. */
  readonly record?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly now: () => number;
  readonly log?: Log | undefined;
  /** Told once before the shell shows anything. */
  readonly onStart: (session: { sessionId: string; message: string; encrypted: boolean }) => void;
}

/** Resolves when the shell has ended as shells end; throws when it was ended by a fault. */
export async function connectShell(options: ConnectOptions): Promise<{ sessionId: string }> {
  const { api, target, terminal, document, parameters, reason, signal, log } = options;
  const { cols, rows } = terminal.size;
  // Before the session: a file that cannot be written should cost nobody a session.
  const recording =
    options.record === undefined
      ? undefined
      : await startRecording({ file: options.record, cols, rows, title: target, now: options.now });
  const { channel, facts } = await openSession({
    api,
    request: { target, document, parameters, reason },
    signal,
    log,
  }).catch(async (error: unknown) => {
    await recording?.end();
    throw error;
  });
  if (facts.sessionType === 'Port') {
    await channel.terminate();
    throw new RocError('ROC_USAGE', `the document ${document ?? ''} opens a port, not a shell`, {
      hint: 'Use `roc bastion forward`.',
    });
  }
  const { sessionId } = channel;
  options.onStart({ sessionId, message: facts.customerMessage, encrypted: facts.encrypted });
  const end = await runShell({ channel, terminal, recording, signal });
  const lost = recording?.fault() ?? null;
  if (lost !== null) log?.warn({}, `the recording in ${options.record} is not whole: ${lost}`);
  if (end.by === 'failure') throw end.error;
  if (end.by === 'them' && end.reason !== '') throw closedBy(end.reason);
  return { sessionId };
}
