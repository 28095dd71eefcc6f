/** One command on one instance: its output as it comes, its exit code at the end. */
import { randomBytes } from 'node:crypto';
import { RocError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import { PAYLOAD } from '../protocol/payload-type.js';
import { openSession } from '../session/open-session.js';
import type { SessionApi } from '../session/ports.js';
import { closedBy } from '../session/session-end.js';
import { commandText, type Platform, withExitMarker } from './command-line.js';
import { ExitMarker } from './exit-marker.js';

export interface RunCommandOptions {
  readonly api: SessionApi;
  readonly target: string;
  readonly words: readonly string[];
  readonly platform: Platform;
  readonly stdout: (bytes: Buffer) => void;
  readonly stderr: (bytes: Buffer) => void;
  readonly document?: string | undefined;
  readonly reason?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly log?: Log | undefined;
}

/** Resolves with the exit code of the remote command. */
export async function runCommand(options: RunCommandOptions): Promise<number> {
  const { api, target, platform, reason, signal, log } = options;
  const nonce = `roc-${randomBytes(12).toString('hex')}`;
  const command = withExitMarker(commandText(options.words, platform), nonce, platform);
  const marker = new ExitMarker(nonce);
  let reported: number | null = null;
  const document = options.document ?? 'AWS-StartNonInteractiveCommand';
  const { channel } = await openSession({
    api,
    request: { target, document, parameters: { command: [command] }, reason },
    signal,
    log,
  });
  const abort = () => void channel.terminate();
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  channel.setSink((payloadType, payload) => {
    if (payloadType === PAYLOAD.output) pass(options.stdout, marker.feed(payload));
    else if (payloadType === PAYLOAD.stderr) pass(options.stderr, Buffer.from(payload));
    else if (payloadType === PAYLOAD.exitCode) reported = exitCodeOf(payload) ?? reported;
  });
  const end = await channel.closed;
  signal?.removeEventListener('abort', abort);
  pass(options.stdout, marker.end());
  const exitCode = marker.exitCode ?? reported;
  if (exitCode !== null) return exitCode;
  if (end.by === 'failure') throw end.error;
  if (signal?.aborted) throw new RocError('ROC_INTERRUPTED', 'interrupted');
  if (end.by === 'them' && end.reason !== '') throw closedBy(end.reason);
  throw new RocError(
    'ROC_UNREACHABLE',
    'the session ended before the command did; how it ended is not known',
    {
      hint: 'Look on the instance whether the command still runs before starting it again.',
    },
  );
}

function pass(write: (bytes: Buffer) => void, bytes: Buffer): void {
  if (bytes.length > 0) write(bytes);
}

/** `EXIT_CODE: 3`, as agents report it that have a message of its own for it. */
function exitCodeOf(payload: Buffer): number | null {
  const match = /^EXIT_CODE:\s*(-?\d+)/.exec(payload.toString('latin1'));
  return match === null ? null : Number(match[1]);
}
