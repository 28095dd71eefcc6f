/** The keys that sign tokens, as a node uses them: shared by all nodes, looked at again every few seconds. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type CryptoKey, importJWK, type JWK } from 'jose';
import { RocError } from '../../kernel/errors.js';
import { type Clock, isoTime, SECOND } from '../../kernel/time.js';
import { kmsSigner, readKmsPublicKey, type Sign } from '../aws/kms-signing.js';
import { type KeyPlace, openKeyPlace } from './key-place.js';
import {
  activeKey,
  countingKeys,
  countsUntil,
  type KeyRing,
  kmsKey,
  newLocalKey,
  newRing,
  parseRing,
  type RingKey,
  rotateRing,
  SIGNING_ALG,
} from './key-ring.js';

export interface ActiveKey {
  readonly kid: string;
  /** Whether KMS keeps it: then each signature is a call there. */
  readonly isInKms: boolean;
  readonly publicKey: KeyObject;
  readonly sign: Sign;
}

export interface SigningKeys {
  /** Names this installation in `iss` and `aud`, so that another one's tokens are never taken for its own. */
  readonly issuer: string;
  readonly active: ActiveKey;
  /** Public keys by kid: the active one, the next one, and those whose tokens may still live. */
  readonly verifiers: ReadonlyMap<string, CryptoKey>;
  readonly jwks: { readonly keys: readonly JWK[] };
  /** Of all that KMS keeps or kept: they may have signed checkpoints. */
  readonly kmsPublicKeys: readonly KeyObject[];
  /** From which refresh tokens are derived; never leaves the server, and stays when keys change. */
  readonly refreshSecret: Buffer;
  /** Takes over what a rotation has changed. A place that cannot be read leaves the keys as they are, and throws. */
  reload(): Promise<void>;
}

export interface SigningKeyState {
  readonly kid: string;
  readonly state: 'next' | 'signs' | 'counts' | 'over';
  /** ARN, where KMS keeps it. */
  readonly kms: string | null;
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
  const load = (read: string) => importRing(requireRing(place, read), env);
  let imported = await load(text);
  let readText = text;
  let verifiers: { second: number; of: Imported; keys: ReadonlyMap<string, CryptoKey> } | undefined;
  return {
    issuer: `urn:roc:${imported.ring.installation}`,
    refreshSecret: Buffer.from(imported.ring.refreshSecret, 'base64url'),
    get active() {
      const { kid } = activeKey(imported.ring, now());
      return imported.signers.get(kid) as ActiveKey;
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
    get kmsPublicKeys() {
      const { keys, formerKms = [] } = imported.ring;
      const present = keys.flatMap((key) => ('kms' in key ? [key.x] : []));
      return [...new Set([...present, ...formerKms])].map(publicKeyOf);
    },
    reload: async () => {
      const newer = await place.read();
      if (newer === null || newer === readText) return;
      imported = await load(newer);
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
    kms,
    env,
  }: {
    readonly now: number;
    readonly isStolen: boolean;
    /** ARN of the KMS key that is to be the next one; one that is made here where it is left out. */
    readonly kms?: string | undefined;
    readonly env: NodeJS.ProcessEnv;
  },
): Promise<SigningKeyState[]> {
  const place = openKeyPlace(where, env);
  const makeKey = kms === undefined ? newLocalKey : (activeAt: number) => keyInKms(kms, activeAt, env);
  const ring = await rotateRing(await readRing(place), { now, isStolen, makeKey });
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
      kms: 'kms' in key ? key.kms : null,
      activeAt: isoTime(key.activeAt),
      countsUntil: until === null ? null : isoTime(until),
    };
  });
}

interface Imported {
  readonly ring: KeyRing;
  readonly signers: ReadonlyMap<string, ActiveKey>;
  readonly publicKeys: ReadonlyMap<string, CryptoKey>;
}

async function importRing(ring: KeyRing, env: NodeJS.ProcessEnv): Promise<Imported> {
  const signers = new Map<string, ActiveKey>();
  const publicKeys = new Map<string, CryptoKey>();
  for (const key of ring.keys) {
    const { kid } = key;
    const publicKey = publicKeyOf(key.x);
    signers.set(kid, { kid, publicKey, isInKms: 'kms' in key, sign: signerOf(key, env) });
    publicKeys.set(kid, (await importJWK(publicHalf(key), SIGNING_ALG)) as CryptoKey);
  }
  return { ring, signers, publicKeys };
}

function signerOf(key: RingKey, env: NodeJS.ProcessEnv): Sign {
  if ('kms' in key) return kmsSigner(key.kms, env);
  const { kty, crv, x, d } = key;
  const privateKey = createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' });
  return async (bytes) => sign(null, bytes, privateKey);
}

/** Once, before it is published: the key is there, is of the right kind, and this host may use it. */
async function keyInKms(arn: string, activeAt: number, env: NodeJS.ProcessEnv): Promise<RingKey> {
  const publicKey = await readKmsPublicKey(arn, env);
  const probe = Buffer.from('roc signing key');
  if (!verify(null, probe, publicKey, await kmsSigner(arn, env)(probe)))
    throw new RocError('ROC_CONFIG_INVALID', `${arn} signs with another key than it publishes`);
  return kmsKey(arn, publicKey.export({ format: 'jwk' }).x ?? '', activeAt);
}

function publicKeyOf(x: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
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
