/** The keys that sign tokens as data: which one signs now, which ones still count, and what a rotation makes of them. */
import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { ulid } from 'ulid';
import { z } from 'zod';
import { RocError } from '../../kernel/errors.js';
import { DAY, isoTime, MINUTE } from '../../kernel/time.js';

/** Only Ed25519: one key, one algorithm (RFC 8725 §3.1). */
export const SIGNING_ALG = 'EdDSA';

const publicHalf = {
  kid: z.string().min(1).max(100),
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().length(43),
  /** From when on it signs, epoch milliseconds; published from the moment it is here. */
  activeAt: z.number().int().min(0).default(0),
};
const keySchema = z.union([
  z.strictObject({ ...publicHalf, d: z.string().length(43) }),
  /** A key that AWS KMS keeps: its ARN. */
  z.strictObject({ ...publicHalf, kms: z.string().min(1).max(2048) }),
]);

const ringSchema = z.strictObject({
  installation: z.string().min(1).max(64),
  /** Of files that were made before keys had times. */
  active: z.string().optional(),
  keys: z.array(keySchema).min(1).max(20),
  refreshSecret: z.string().min(43),
  /** Public halves of KMS keys that are gone from the ring: what they signed in the audit chain still verifies. */
  formerKms: z.array(z.string().length(43)).max(1000).optional(),
});

export type RingKey = z.output<typeof keySchema>;
export type KeyRing = z.output<typeof ringSchema>;

/** Verifiers of others may keep a copy of the public keys for 5 minutes; nodes look every few seconds. */
const LEAD_MS = 15 * MINUTE;
/** A token lives 10 minutes, and clocks may differ by one on either side. */
const COUNTS_ON_MS = 12 * MINUTE;
const KEPT_MS = DAY;

/** Null for what is no ring of keys. */
export function parseRing(text: string): KeyRing | null {
  try {
    const parsed = ringSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export async function newRing(): Promise<KeyRing> {
  return {
    installation: ulid().toLowerCase(),
    keys: [await newLocalKey(0)],
    refreshSecret: randomBytes(32).toString('base64url'),
  };
}

/** The newest key whose time has come. */
export function activeKey({ keys }: KeyRing, now: number): RingKey {
  const [first, ...others] = keys as [RingKey, ...RingKey[]];
  const isLater = (one: RingKey, other: RingKey) => one.activeAt <= now && one.activeAt >= other.activeAt;
  return others.reduce((best, key) => (isLater(key, best) || best.activeAt > now ? key : best), first);
}

/** Keys whose tokens may count: the one that signs, those that will, and those whose last tokens may still live. */
export function countingKeys(ring: KeyRing, now: number): RingKey[] {
  return ring.keys.filter((key) => {
    const next = successorOf(ring, key);
    return next === null || now < next.activeAt + COUNTS_ON_MS;
  });
}

/** The time in which a key stops to count, or null for the newest one. */
export function countsUntil(ring: KeyRing, key: RingKey): number | null {
  const next = successorOf(ring, key);
  return next === null ? null : next.activeAt + COUNTS_ON_MS;
}

/**
 * The ring with one more key. It is published at once and signs in a quarter of an hour; where a key was stolen, it
 * signs at once and all others are gone with what they have signed.
 * @throws RocError ROC_CONFLICT while the key of the last rotation waits for its time
 */
export async function rotateRing(
  ring: KeyRing,
  { now, isStolen, makeKey }: { readonly now: number; readonly isStolen: boolean; readonly makeKey: MakeKey },
): Promise<KeyRing> {
  const { active: _, ...rest } = ring;
  if (isStolen) return withKeys(rest, [await makeKey(now)]);
  const waiting = ring.keys.find(({ activeAt }) => activeAt > now);
  if (waiting !== undefined) {
    throw new RocError(
      'ROC_CONFLICT',
      `the next key is published already and signs from ${isoTime(waiting.activeAt)}`,
      {
        hint: 'Wait for it; with --now all keys are thrown away at once, as after a theft.',
      },
    );
  }
  const kept = ring.keys.filter((key) => now < (countsUntil(ring, key) ?? now + 1) + KEPT_MS);
  const next = await makeKey(now + LEAD_MS);
  if (kept.some(({ kid }) => kid === next.kid)) {
    throw new RocError('ROC_CONFLICT', `the key ${next.kid} is one of the ring already`, {
      hint: 'Make another key in KMS, or rotate without --in-kms.',
    });
  }
  return withKeys(rest, [...kept, next]);
}

/** What goes from the ring and was kept by KMS may have signed checkpoints of the audit chain. */
function withKeys(ring: KeyRing, keys: RingKey[]): KeyRing {
  const gone = ring.keys.filter((key) => 'kms' in key && !keys.some(({ kid }) => kid === key.kid));
  const former = [...(ring.formerKms ?? []), ...gone.map(({ x }) => x)];
  return { ...ring, keys, ...(former.length === 0 ? {} : { formerKms: [...new Set(former)] }) };
}

function successorOf({ keys }: KeyRing, key: RingKey): RingKey | null {
  const later = keys.filter(({ activeAt }) => activeAt > key.activeAt);
  return later.reduce<RingKey | null>(
    (soonest, one) => (soonest === null || one.activeAt < soonest.activeAt ? one : soonest),
    null,
  );
}

/** Makes the next key, to sign from the given time on. */
export type MakeKey = (activeAt: number) => Promise<RingKey>;

/** The entry of a key that KMS keeps. @param x its public half, 32 bytes, base64url */
export async function kmsKey(arn: string, x: string, activeAt: number): Promise<RingKey> {
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
  return { kid, kty: 'OKP', crv: 'Ed25519', x, kms: arn, activeAt };
}

export async function newLocalKey(activeAt: number): Promise<RingKey> {
  const { privateKey } = await generateKeyPair(SIGNING_ALG, { crv: 'Ed25519', extractable: true });
  const { x = '', d = '' } = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
  return { kid, kty: 'OKP', crv: 'Ed25519', x, d, activeAt };
}
