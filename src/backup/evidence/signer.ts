/** Who signs evidence: a key in KMS that never leaves it, or a local Ed25519 key; one message for both. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signWith,
  verify as verifyWith,
} from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { canonicalSha256 } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
import { readOrMakePrivate } from '../private-file.js';
import type { Signature } from './model.js';

export type SignerIdentity = Omit<Signature, 'value'>;

export interface Signer {
  /** Stands in what is signed, so that no other signer can be put in its place. */
  readonly identity: SignerIdentity;
  /** Base64. */
  sign(message: Buffer): Promise<string>;
}

const DOMAIN = 'roc-backup-evidence-v1';

/** The bytes that are signed: a domain, so that no other signature of the key fits, and the hash of what is signed. */
export function messageOf(unsigned: unknown): Buffer {
  return Buffer.from(`${DOMAIN}\n${canonicalSha256(unsigned)}`);
}

/** Reads the private key at `path` (PEM), or makes one, 0600, with its public key beside it as PATH.pub. */
export async function localSigner(path: string): Promise<Signer> {
  const made = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  const key = createPrivateKey(await readOrMakePrivate(path, made));
  if (key.asymmetricKeyType !== 'ed25519')
    throw new RocError('ROC_CONFIG_INVALID', `${path} is no Ed25519 key`, {
      hint: 'Name another file; roc makes a key there.',
    });
  const open = createPublicKey(key);
  await writeFile(`${path}.pub`, open.export({ type: 'spki', format: 'pem' }));
  const publicKey = open.export({ type: 'spki', format: 'der' }).toString('base64');
  return {
    identity: {
      algorithm: 'ed25519',
      keyId: `local:${canonicalSha256(publicKey).slice(0, 16)}`,
      publicKey,
    },
    sign: async (message) => signWith(null, message, key).toString('base64'),
  };
}

/** Whether `signature` is one of `message` by `publicKey`. */
export function isSignedBy(publicKey: KeyObject, message: Buffer, { algorithm, value }: Signature): boolean {
  const bytes = Buffer.from(value, 'base64');
  // Base64 is read loosely: two texts must not stand for one signature.
  if (bytes.toString('base64') !== value) return false;
  const isFitting = algorithm === 'ed25519' ? publicKey.asymmetricKeyType === 'ed25519' : isP256(publicKey);
  return isFitting && verifyWith(algorithm === 'ed25519' ? null : 'sha256', message, publicKey, bytes);
}

function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}
