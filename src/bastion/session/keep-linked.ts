/** Keeps one session linked: opens, watches for silence, and resumes over every loss until the session is over. */

import { randomInt, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRocError, RocError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import { formatDuration, SECOND } from '../../kernel/time.js';
import { CLIENT_VERSION } from './agent-version.js';
import type { Deadlines } from './deadlines.js';
import { type FrameSocket, openFrameSocket } from './frame-socket.js';
import type { SessionApi, StreamGrant } from './ports.js';

export interface Link {
  readonly socket: FrameSocket;
  setReading(isReading: boolean): void;
}

export interface KeepLinkedOptions {
  readonly api: SessionApi;
  readonly grant: StreamGrant;
  /** The same for all links of a session. */
  readonly clientId: string;
  readonly deadlines: Deadlines;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Grows with each message that got through, either way. */
  progress(): number;
  hasStarted(): boolean;
  up(link: Link): void;
  frame(frame: Buffer): void;
  down(): void;
}

/** A link that lived shorter than this and moved nothing was of no use… */
const SHORT_LIFE = 30 * SECOND;
/** …and after so many in a row the session is given up. */
const USELESS_LIMIT = 8;
/** Before the session has started, opening is tried so often. */
const FIRST_TRIES = 3;

/**
 * Resolves when the session is over or the signal aborts.
 * @throws RocError when the way back is lost
 */
export async function keepLinked(options: KeepLinkedOptions): Promise<void> {
  let grant: StreamGrant | null = options.grant;
  let useless = 0;
  let failedFirst = 0;
  while (grant !== null && !options.signal.aborted) {
    const progress = options.progress();
    const openedAt = performance.now();
    const refusal = await tryLink(grant, options);
    if (refusal !== null && !options.hasStarted() && (isRefusal(refusal) || ++failedFirst >= FIRST_TRIES)) {
      throw refusal;
    }
    if (options.signal.aborted) return;
    const isUseless = options.progress() === progress && performance.now() - openedAt < SHORT_LIFE;
    useless = isUseless ? useless + 1 : 0;
    if (useless >= USELESS_LIMIT) throw uselessLinks();
    if (useless > 0) await backOff(useless, options.signal);
    grant = await resume(grant.sessionId, options);
  }
}

/** One link to its end; resolves with the error when it could not be opened. */
async function tryLink(grant: StreamGrant, options: KeepLinkedOptions): Promise<unknown> {
  const { sessionId } = grant;
  try {
    options.log.debug({ sessionId, why: await linkOnce(grant, options) }, 'link lost');
    return null;
  } catch (error) {
    options.log.debug({ sessionId, error: String(error) }, 'link not opened');
    if (isRefusal(error)) options.api.refreshCredentials();
    return error;
  }
}

/** One link from opening to its end; resolves with why it ended. */
async function linkOnce(grant: StreamGrant, options: KeepLinkedOptions): Promise<string> {
  const url = checkedUrl(grant.streamUrl);
  const headers = await options.api.signStream(url);
  let heardAt = performance.now();
  let isReading = true;
  let ended: (why: string) => void = () => {};
  const end = new Promise<string>((resolve) => {
    ended = resolve;
  });
  const socket = await openFrameSocket(url, headers, options.deadlines.connect, {
    onFrame(frame) {
      heardAt = performance.now();
      options.frame(frame);
    },
    onAlive() {
      heardAt = performance.now();
    },
    onEnd: ended,
  });
  if (options.signal.aborted) {
    socket.destroy();
    return 'aborted';
  }
  socket.sendText(openMessage(grant.token, options.clientId));
  const watch = setInterval(() => {
    // A reader who stopped hears nothing by his own wish.
    if (!isReading) heardAt = performance.now();
    else if (performance.now() - heardAt > options.deadlines.silence) socket.destroy();
    socket.ping();
  }, options.deadlines.ping);
  options.up({
    socket,
    setReading(reading) {
      isReading = reading;
      socket.setReading(reading);
    },
  });
  const why = await end;
  clearInterval(watch);
  options.down();
  return why;
}

async function resume(sessionId: string, options: KeepLinkedOptions): Promise<StreamGrant | null> {
  const limit = performance.now() + options.deadlines.resume;
  for (let attempt = 1; ; attempt++) {
    try {
      return await options.api.resume(sessionId);
    } catch (error) {
      if (performance.now() >= limit || options.signal.aborted) throw lostForGood(error, options);
      options.log.debug({ sessionId, attempt, error: String(error) }, 'ResumeSession failed');
      // Whatever it was, a fresh look at the credentials does no harm and mends an expired set.
      options.api.refreshCredentials();
    }
    await backOff(attempt, options.signal);
    if (options.signal.aborted) return null;
  }
}

async function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  const ceiling = Math.min(5 * SECOND, 100 * 2 ** attempt);
  await sleep(randomInt(ceiling / 2, ceiling), undefined, { signal }).catch(() => {});
}

function openMessage(token: string, clientId: string): string {
  return JSON.stringify({
    MessageSchemaVersion: '1.0',
    RequestId: randomUUID(),
    TokenValue: token,
    ClientId: clientId,
    ClientVersion: CLIENT_VERSION,
  });
}

/** The token goes out on this link, so it must be TLS; a gateway on this host is the exception. */
function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isLocal = url !== null && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'wss:' || (url?.protocol === 'ws:' && isLocal)) return url;
  throw new RocError('ROC_REFUSED', 'the session has no wss:// address', {
    hint: 'Check --endpoint-url: only a gateway on this host may speak without TLS.',
  });
}

function isRefusal(error: unknown): boolean {
  return isRocError(error) && (error.code === 'ROC_FORBIDDEN' || error.code === 'ROC_REFUSED');
}

function uselessLinks(): RocError {
  return new RocError(
    'ROC_UNREACHABLE',
    `the gateway dropped ${USELESS_LIMIT} links in a row before anything got through`,
    { hint: 'Look at the instance and the network with `roc bastion doctor`.' },
  );
}

function lostForGood(error: unknown, options: KeepLinkedOptions): RocError {
  const cause = isRocError(error) ? error : undefined;
  return new RocError(
    cause?.code ?? 'ROC_UNREACHABLE',
    `the session was lost and could not be resumed in ${formatDuration(options.deadlines.resume)}${cause ? ` (${cause.message})` : ''}`,
    { hint: cause?.hint ?? 'Check the network and the credentials, then start it again.', cause: error },
  );
}
