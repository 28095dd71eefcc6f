/** Who signs evidence: a key in KMS that never leaves it, or a local Ed25519 key; one message for both. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signWith,
  verify as verifyWith,
} from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, link, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { canonicalSha256 } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
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
  const key = createPrivateKey(await readOrMakeKey(path));
  if (key.asymmetricKeyType !== 'ed25519')
    throw new RocError('ROC_CONFIG_INVALID', `${path} is no Ed25519 key`, {
      hint: 'Name another file; roc makes a key there.',
    });
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
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

async function readOrMakeKey(path: string): Promise<Buffer> {
  const known = await readPrivate(path);
  if (known !== null) return known;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const part = `${path}.${process.pid}`;
  try {
    await writeFile(part, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    await chmod(part, 0o600);
    await link(part, path);
    await writeFile(`${path}.pub`, publicKey.export({ type: 'spki', format: 'pem' }));
  } catch (error) {
    // Of two runs that start at once, both use the first one's key.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(part, { force: true });
  }
  const made = await readPrivate(path);
  if (made === null) throw new RocError('ROC_DATA_DIR_UNUSABLE', `the signing key ${path} cannot be made`);
  return made;
}

async function readPrivate(path: string): Promise<Buffer | null> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const { mode } = await file.stat();
      if (process.platform !== 'win32' && (mode & 0o077) !== 0)
        throw new RocError('ROC_DATA_DIR_UNUSABLE', `the signing key ${path} may be read by others`, {
          hint: `Run chmod 0600 ${path}`,
        });
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
