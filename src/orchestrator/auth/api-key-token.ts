/** What an API key looks like: `roc_`, eight characters that name it, `_`, and 256 bits that nobody keeps. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../../kernel/canonical-json.js';

export interface NewKeyToken {
  readonly token: string;
  readonly prefix: string;
}

/** What a key is good for; all of it is bound into its hash. */
export interface KeyTerms {
  readonly tenantId: string;
  readonly consumer: string;
  readonly scopes: readonly string[];
  readonly rps: number;
  readonly daily: number | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

const KEY_PATTERN = /^roc_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

export function newKeyToken(): NewKeyToken {
  const prefix = [...randomBytes(8)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  const token = `roc_${prefix}_${randomBytes(32).toString('base64url')}`;
  return { token, prefix };
}

/** The part that names the key, or null where it is no API key. */
export function prefixOfKey(token: string): string | null {
  return KEY_PATTERN.exec(token)?.[1] ?? null;
}

export function isKeyToken(token: string): boolean {
  return token.startsWith('roc_');
}

/** Names a token in memory without holding it. */
export function digestOfKey(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * What the database keeps of a key: its digest and its terms under a secret that is not in the database. Whoever can
 * only write there can neither make a key nor widen one. The token has 256 random bits: guessing needs no slowing down.
 */
export function sealOfKey(token: string, terms: KeyTerms, secret: Buffer): string {
  const { tenantId, consumer, scopes, rps, daily, expiresAt } = terms;
  const bound = canonicalJson({ key: digestOfKey(token), tenantId, consumer, scopes, rps, daily, expiresAt });
  return createHmac('sha256', secret).update(bound).digest('hex');
}

export function isSameHash(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
