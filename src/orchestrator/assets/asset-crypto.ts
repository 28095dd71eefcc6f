/** Secrets by envelope: a data key of its own for each, wrapped by the master key, bound to tenant and asset. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
import type { EncryptionContext, Kms } from '../kms/kms.js';

export interface SealedSecret {
  /** Nonce, ciphertext and tag, base64url. */
  readonly sealed: string;
  readonly wrappedKey: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export async function sealSecret(
  kms: Kms,
  context: EncryptionContext,
  secret: string,
): Promise<SealedSecret> {
  const key = await kms.generateDataKey(context);
  try {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key.plaintext, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(canonicalJson(context)));
    const bytes = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return { sealed: bytes.toString('base64url'), wrappedKey: key.wrapped };
  } finally {
    key.plaintext.fill(0);
  }
}

/** @throws RocError ROC_BLOB_CORRUPT */
export async function openSecret(
  kms: Kms,
  context: EncryptionContext,
  { sealed, wrappedKey }: SealedSecret,
): Promise<string> {
  const key = await kms.unwrap(wrappedKey, context);
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new RangeError('too short');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(canonicalJson(context)));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]).toString();
  } catch (cause) {
    throw new RocError(
      'ROC_BLOB_CORRUPT',
      'a stored secret does not open: it was changed, or belongs elsewhere',
      {
        hint: 'Set it again with `roc assets set`.',
        cause,
      },
    );
  } finally {
    key.fill(0);
  }
}

export function assetContext(tenant: string, id: string): EncryptionContext {
  return { tenant, asset: id };
}
