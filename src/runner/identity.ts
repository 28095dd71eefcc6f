/** Who this runner is: two key pairs made here, and what the server called it when it registered. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { RocError } from '../kernel/errors.js';
import { readPrivateFile, writePrivateFile } from './private-files.js';

export interface RunnerKeys {
  /** Ed25519, for assertions. */
  readonly sign: KeyObject;
  /** X25519, for package keys. */
  readonly box: KeyObject;
}

export interface Identity {
  readonly runnerId: string;
  readonly name: string;
  readonly pool: string;
  readonly tenant: string;
  /** Who its assertions are for. */
  readonly audience: string;
  /** Origin of the server. */
  readonly url: string;
  /** Begins the mark of every process that this runner starts. */
  readonly markPrefix: string;
  readonly keys: RunnerKeys;
}

const okpSchema = (crv: 'Ed25519' | 'X25519') =>
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal(crv), x: z.string(), d: z.string() });

const fileSchema = z.strictObject({
  runnerId: z.string(),
  name: z.string(),
  pool: z.string(),
  tenant: z.string(),
  audience: z.string(),
  url: z.string(),
  markPrefix: z.string().min(1),
  signKey: okpSchema('Ed25519'),
  boxKey: okpSchema('X25519'),
});

export function makeRunnerKeys(): RunnerKeys {
  return {
    sign: generateKeyPairSync('ed25519').privateKey,
    box: generateKeyPairSync('x25519').privateKey,
  };
}

/** The 32 bytes of the public half, base64url. */
export function publicKeyText(key: KeyObject): string {
  return key.export({ format: 'jwk' }).x ?? '';
}

export function makeMarkPrefix(): string {
  return `${randomUUID()}.`;
}

/** The stored identity, or null where this folder has not been registered. @throws RocError ROC_DATA_DIR_UNUSABLE */
export function loadIdentity(path: string): Identity | null {
  const text = readPrivateFile(path);
  if (text === null) return null;
  try {
    const { signKey, boxKey, ...known } = fileSchema.parse(JSON.parse(text));
    const keyOf = (jwk: typeof signKey | typeof boxKey) =>
      createPrivateKey({ key: { ...jwk }, format: 'jwk' });
    return { ...known, keys: { sign: keyOf(signKey), box: keyOf(boxKey) } };
  } catch (cause) {
    throw new RocError('ROC_DATA_DIR_UNUSABLE', `${path} is not the identity of a runner`, {
      hint: 'Restore it, or remove it and register this runner again.',
      cause,
    });
  }
}

export function saveIdentity(path: string, identity: Identity): void {
  const { keys, ...known } = identity;
  const stored = {
    ...known,
    signKey: keys.sign.export({ format: 'jwk' }),
    boxKey: keys.box.export({ format: 'jwk' }),
  };
  writePrivateFile(path, `${JSON.stringify(stored, null, 2)}\n`);
}
