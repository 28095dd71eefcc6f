/** Refresh tokens: opaque, kept only as a hash, each one derived from the one before it, so that a lost reply can be repeated. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Where a token says it belongs: its family (the session) and its secret. */
export interface RefreshToken {
  readonly sessionId: string;
  readonly secret: string;
}

export interface RefreshTokens {
  /** A new family's first token. */
  first(sessionId: string): string;
  /** The one token that follows this one. The same question has the same answer: a repeated request gets the same reply. */
  next(token: RefreshToken): string;
  /** Null for anything that this server did not make; what it made, also long ago, is read. */
  read(text: string): RefreshToken | null;
}

const FORM = /^rocr_([0-9A-HJKMNP-TV-Z]{26})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{22})$/;

export function createRefreshTokens(secret: Buffer): RefreshTokens {
  const derive = (label: string, ...parts: string[]) =>
    createHmac('sha256', secret)
      .update([label, ...parts].join('\0'))
      .digest();
  // The tag proves that a token is ours without a look into the database: only a real old one is a theft's sign.
  const tagOf = (sessionId: string, value: string) => derive('tag', sessionId, value).subarray(0, 16);
  const format = (sessionId: string, value: string) =>
    `rocr_${sessionId}.${value}.${tagOf(sessionId, value).toString('base64url')}`;
  return {
    first: (sessionId) => format(sessionId, randomBytes(32).toString('base64url')),
    next: ({ sessionId, secret: value }) =>
      format(sessionId, derive('next', sessionId, value).toString('base64url')),
    read: (text) => {
      const [, sessionId = '', value = '', tag = ''] = FORM.exec(text) ?? [];
      if (sessionId === '') return null;
      const isOurs = timingSafeEqual(Buffer.from(tag, 'base64url'), tagOf(sessionId, value));
      return isOurs ? { sessionId, secret: value } : null;
    },
  };
}

/** What the database holds of a token. */
export function hashOfToken(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
