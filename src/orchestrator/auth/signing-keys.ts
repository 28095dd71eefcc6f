/** The keys that sign tokens, as a node uses them: shared by all nodes, looked at again every few seconds. */
import { type CryptoKey, importJWK, type JWK } from 'jose';
import { RocError } from '../../kernel/errors.js';
import { type Clock, isoTime, SECOND } from '../../kernel/time.js';
import { type KeyPlace, openKeyPlace } from './key-place.js';
import {
  activeKey,
  countingKeys,
  countsUntil,
  type KeyRing,
  newRing,
  parseRing,
  rotateRing,
  SIGNING_ALG,
} from './key-ring.js';

export interface SigningKeys {
  /** Names this installation in `iss` and `aud`, so that another one's tokens are never taken for its own. */
  readonly issuer: string;
  readonly active: { readonly kid: string; readonly key: CryptoKey };
  /** Public keys by kid: the active one, the next one, and those whose tokens may still live. */
  readonly verifiers: ReadonlyMap<string, CryptoKey>;
  readonly jwks: { readonly keys: readonly JWK[] };
  /** From which refresh tokens are derived; never leaves the server, and stays when keys change. */
  readonly refreshSecret: Buffer;
  /** Takes over what a rotation has changed. A place that cannot be read leaves the keys as they are, and throws. */
  reload(): Promise<void>;
}

export interface SigningKeyState {
  readonly kid: string;
  readonly state: 'next' | 'signs' | 'counts' | 'over';
  readonly activeAt: string;
  readonly countsUntil: string | null;
}

/**
 * Reads the keys from `PATH` or `secretsmanager:ARN`, or makes them at the first start.
 * @throws RocError ROC_DATA_DIR_UNUSABLE when they cannot be read or made, ROC_CONFIG_INVALID for what is no such file
 */
export async function openSigningKeys(
  where: string,
  now: Clock = Date.now,
  env: NodeJS.ProcessEnv = process.env,
): Promise<SigningKeys> {
  const place = openKeyPlace(where, env);
  const text = (await place.read()) ?? (await place.create(textOf(await newRing())));
  let imported = await importRing(requireRing(place, text));
  let readText = text;
  let verifiers: { second: number; of: Imported; keys: ReadonlyMap<string, CryptoKey> } | undefined;
  return {
    issuer: `urn:roc:${imported.ring.installation}`,
    refreshSecret: Buffer.from(imported.ring.refreshSecret, 'base64url'),
    get active() {
      const { kid } = activeKey(imported.ring, now());
      return { kid, key: imported.privateKeys.get(kid) as CryptoKey };
    },
    get verifiers() {
      // Asked for each request: worked out once a second.
      const second = Math.floor(now() / SECOND);
      if (verifiers?.second !== second || verifiers.of !== imported) {
        const counting = countingKeys(imported.ring, now()).map(({ kid }) => kid);
        const keys = new Map([...imported.publicKeys].filter(([kid]) => counting.includes(kid)));
        verifiers = { second, of: imported, keys };
      }
      return verifiers.keys;
    },
    get jwks() {
      return { keys: countingKeys(imported.ring, now()).map(publicHalf) };
    },
    reload: async () => {
      const newer = await place.read();
      if (newer === null || newer === readText) return;
      imported = await importRing(requireRing(place, newer));
      readText = newer;
    },
  };
}

/** Adds a key. @throws RocError ROC_NOT_FOUND where there are none yet, ROC_CONFLICT while one waits for its time */
export async function rotateSigningKeys(
  where: string,
  {
    now,
    isStolen,
    env,
  }: { readonly now: number; readonly isStolen: boolean; readonly env: NodeJS.ProcessEnv },
): Promise<SigningKeyState[]> {
  const place = openKeyPlace(where, env);
  const ring = await rotateRing(await readRing(place), now, isStolen);
  await place.replace(textOf(ring));
  return statesOf(ring, now);
}

export async function listSigningKeys(
  where: string,
  { now, env }: { readonly now: number; readonly env: NodeJS.ProcessEnv },
): Promise<SigningKeyState[]> {
  return statesOf(await readRing(openKeyPlace(where, env)), now);
}

async function readRing(place: KeyPlace): Promise<KeyRing> {
  const text = await place.read();
  if (text !== null) return requireRing(place, text);
  throw new RocError('ROC_NOT_FOUND', `there are no signing keys in ${place.name}`, {
    hint: 'The first start of `roc serve` makes them; name another place with --signing-keys.',
  });
}

function statesOf(ring: KeyRing, now: number): SigningKeyState[] {
  const [active, counting] = [activeKey(ring, now), countingKeys(ring, now)];
  return ring.keys.map((key) => {
    const until = countsUntil(ring, key);
    const isNext = key.activeAt > now;
    const state = key === active ? 'signs' : isNext ? 'next' : counting.includes(key) ? 'counts' : 'over';
    return {
      kid: key.kid,
      state,
      activeAt: isoTime(key.activeAt),
      countsUntil: until === null ? null : isoTime(until),
    };
  });
}

interface Imported {
  readonly ring: KeyRing;
  readonly privateKeys: ReadonlyMap<string, CryptoKey>;
  readonly publicKeys: ReadonlyMap<string, CryptoKey>;
}

async function importRing(ring: KeyRing): Promise<Imported> {
  const privateKeys = new Map<string, CryptoKey>();
  const publicKeys = new Map<string, CryptoKey>();
  for (const key of ring.keys) {
    const { activeAt: _, ...jwk } = key;
    privateKeys.set(key.kid, (await importJWK(jwk, SIGNING_ALG)) as CryptoKey);
    publicKeys.set(key.kid, (await importJWK(publicHalf(key), SIGNING_ALG)) as CryptoKey);
  }
  return { ring, privateKeys, publicKeys };
}

function publicHalf({ kid, kty, crv, x }: KeyRing['keys'][number]): JWK {
  return { kid, kty, crv, x, use: 'sig', alg: SIGNING_ALG };
}

function requireRing({ name }: KeyPlace, text: string): KeyRing {
  const ring = parseRing(text);
  if (ring !== null) return ring;
  throw new RocError('ROC_CONFIG_INVALID', `${name} is not a file of signing keys`, {
    hint: 'Restore it from a backup; without it all sessions end (move it away to have a new one made).',
  });
}

function textOf(ring: KeyRing): string {
  return `${JSON.stringify(ring, null, 2)}\n`;
}
