/** The bearer token of a command: a fixed one from the environment, or the session's, renewed ahead of its end. */
import { isRocError, RocError } from '../kernel/errors.js';
import { MINUTE, SECOND } from '../kernel/time.js';
import { withFileLock } from './file-lock.js';
import { readSession, type Session, writeSession } from './session-file.js';

export interface Credentials {
  /** The token for the next request. */
  token(): Promise<string>;
  /** A newer token after the server refused `refused`, or null where there is none to be had. */
  renew(refused: string): Promise<string | null>;
}

/** What the environment gave: used as it is. @throws RocError ROC_USAGE where it cannot be a token */
export function fixedCredentials(text: string): Credentials {
  const token = text.trim();
  // The value itself must not show up in any error, hence the check before a header is made of it.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new RocError('ROC_USAGE', 'ROC_TOKEN holds characters that no token has', {
      hint: 'Set ROC_TOKEN to one API key or session token, without spaces or line ends.',
    });
  }
  return { token: async () => token, renew: async () => null };
}

export interface SessionCredentialsOptions {
  readonly file: string;
  /** The session as it was read at the start of the command. */
  readonly session: Session;
  /** Trades a refresh token for a new pair; must give up well before {@link STALE}. */
  readonly refresh: (refreshToken: string) => Promise<Session>;
  readonly now: () => number;
}

/** Renew this long before the end: a request under way must not outlive its token. */
const AHEAD = 30 * SECOND;
const STALE = 2 * MINUTE;

/**
 * A refresh token is good for one trade: a second one with the same token looks like theft and ends the session
 * everywhere. Hence the lock, and the second look at the file under it.
 */
export function sessionCredentials(options: SessionCredentialsOptions): Credentials {
  let current = options.session;
  const isFresh = (session: Session) => Date.parse(session.expiresAt) - options.now() > AHEAD;
  const lock = { staleMs: STALE, waitMs: MINUTE };

  const trade = (isGood: (session: Session) => boolean): Promise<string> =>
    withFileLock(`${options.file}.lock`, lock, () =>
      unbroken(async () => {
        const stored = await readSession(options.file);
        if (stored === null || stored.url !== current.url) throw signedOut(current.url);
        current = isGood(stored) ? stored : await tradeIn(stored, options);
        return current.accessToken;
      }),
    );

  return {
    token: async () => (isFresh(current) ? current.accessToken : trade(isFresh)),
    renew: (refused) => trade((session) => session.accessToken !== refused && isFresh(session)),
  };
}

async function tradeIn(stored: Session, { refresh, file }: SessionCredentialsOptions): Promise<Session> {
  const renewed = await refresh(stored.refreshToken).catch((error: unknown) => {
    throw isRocError(error) && error.code === 'ROC_UNAUTHENTICATED' ? signedOut(stored.url, error) : error;
  });
  await writeSession(file, renewed);
  return renewed;
}

function signedOut(url: string, cause?: unknown): RocError {
  return new RocError('ROC_UNAUTHENTICATED', `the session at ${url} has ended`, {
    hint: `Sign in again with \`roc login --url ${url}\`.`,
    cause,
  });
}

// Ctrl-C between the trade and the write would lose the new pair and with it the session: it waits so long. Where
// the command listens for signals itself, none of them ends the process at once.
async function unbroken<T>(work: () => Promise<T>): Promise<T> {
  const held: NodeJS.Signals[] = [];
  const hold = (signal: NodeJS.Signals) => void held.push(signal);
  const deadly = (['SIGINT', 'SIGTERM'] as const).filter((signal) => process.listenerCount(signal) === 0);
  for (const signal of deadly) process.on(signal, hold);
  try {
    return await work();
  } finally {
    for (const signal of deadly) process.off(signal, hold);
    for (const signal of held) process.kill(process.pid, signal);
  }
}
