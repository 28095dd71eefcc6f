/** A package's data key, sealed for one runner and one job: X25519, HKDF-SHA256, AES-256-GCM (after HPKE, RFC 9180). */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { RocError } from '../../kernel/errors.js';

/** What a wrapped key is good for; all of it must match when it is opened. */
export interface KeyBinding {
  readonly runnerId: string;
  readonly jobId: string;
  readonly epoch: number;
  /** The package's digest. */
  readonly digest: string;
}

const VERSION = 1;
const POINT_BYTES = 32;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const WRAPPED_BYTES = 1 + POINT_BYTES + KEY_BYTES + TAG_BYTES;

/** A runner's pair: the public key as it registers it (32 bytes, base64url), the private key to keep. */
export function generateWrapKeyPair(): { publicKey: string; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return { publicKey: rawPoint(publicKey).toString('base64url'), privateKey };
}

/**
 * Seals a data key for the holder of `publicKey` (32 bytes, base64url).
 * @returns base64url of: version 1 | ephemeral public key, 32 | ciphertext, 32 | tag, 16
 * @throws RocError ROC_INVALID_INPUT where the public key is none
 */
export function wrapKeyFor(publicKey: string, dataKey: Buffer, binding: KeyBinding): string {
  if (dataKey.length !== KEY_BYTES)
    throw new TypeError(`a data key is ${KEY_BYTES} bytes, got ${dataKey.length}`);
  const recipient = pointFrom(publicKey);
  const ephemeral = generateKeyPairSync('x25519');
  const point = rawPoint(ephemeral.publicKey);
  const secret = sharedWith(recipient, ephemeral.privateKey);
  const { key, nonce, info } = wrappingKey(secret, point, rawPoint(recipient), binding);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(info);
  const sealed = Buffer.concat([cipher.update(dataKey), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION]), point, sealed, cipher.getAuthTag()]).toString('base64url');
}

/**
 * Opens what {@link wrapKeyFor} made for this private key and exactly this binding.
 * @throws RocError ROC_REFUSED
 */
export function unwrapKey(privateKey: KeyObject, wrapped: string, binding: KeyBinding): Buffer {
  const bytes = Buffer.from(wrapped, 'base64url');
  if (bytes.length !== WRAPPED_BYTES || bytes[0] !== VERSION || bytes.toString('base64url') !== wrapped)
    throw refused();
  const point = bytes.subarray(1, 1 + POINT_BYTES);
  const sealed = bytes.subarray(1 + POINT_BYTES, WRAPPED_BYTES - TAG_BYTES);
  try {
    const secret = diffieHellman({ privateKey, publicKey: pointFrom(point.toString('base64url')) });
    const { key, nonce, info } = wrappingKey(secret, point, rawPoint(createPublicKey(privateKey)), binding);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(info);
    decipher.setAuthTag(bytes.subarray(WRAPPED_BYTES - TAG_BYTES));
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch (cause) {
    throw refused(cause);
  }
}

// The ephemeral key is used once, so key and nonce are both derived and never repeat.
function wrappingKey(secret: Buffer, ephemeral: Buffer, recipient: Buffer, binding: KeyBinding) {
  const { runnerId, jobId, epoch, digest } = binding;
  const info = Buffer.from(JSON.stringify(['roc key wrap v1', runnerId, jobId, epoch, digest]));
  const salt = Buffer.concat([ephemeral, recipient]);
  const material = Buffer.from(hkdfSync('sha256', secret, salt, info, KEY_BYTES + 12));
  return { key: material.subarray(0, KEY_BYTES), nonce: material.subarray(KEY_BYTES), info };
}

function sharedWith(recipient: KeyObject, ephemeral: KeyObject): Buffer {
  try {
    return diffieHellman({ privateKey: ephemeral, publicKey: recipient });
  } catch (cause) {
    // OpenSSL refuses a point of low order: the secret would be all zeros, known to everyone.
    throw new RocError('ROC_INVALID_INPUT', 'the runner key is not a usable X25519 public key', { cause });
  }
}

function rawPoint(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function pointFrom(text: string): KeyObject {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== POINT_BYTES || bytes.toString('base64url') !== text)
    throw new RocError(
      'ROC_INVALID_INPUT',
      'the runner key is not an X25519 public key of 32 bytes in base64url',
    );
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: text }, format: 'jwk' });
}

function refused(cause?: unknown): RocError {
  return new RocError('ROC_REFUSED', 'the package key was not sealed for this runner, job and package', {
    hint: 'The job may have been handed to another runner; let this one drop it.',
    cause,
  });
}
