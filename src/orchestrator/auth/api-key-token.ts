/** What an API key looks like: `roc_`, eight characters that name it, `_`, and 256 bits that nobody keeps. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface NewKeyToken {
  readonly token: string;
  readonly prefix: string;
  readonly hash: string;
}

const KEY_PATTERN = /^roc_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

export function newKeyToken(): NewKeyToken {
  const prefix = [...randomBytes(8)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  const token = `roc_${prefix}_${randomBytes(32).toString('base64url')}`;
  return { token, prefix, hash: hashOfKey(token) };
}

/** The part that names the key, or null where it is no API key. */
export function prefixOfKey(token: string): string | null {
  return KEY_PATTERN.exec(token)?.[1] ?? null;
}

export function isKeyToken(token: string): boolean {
  return token.startsWith('roc_');
}

/** Plain SHA-256: what is hashed has 256 random bits, so that guessing needs no slowing down. */
export function hashOfKey(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function isSameHash(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
