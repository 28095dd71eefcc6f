/** A short secret beside its own wrapped data key: AES-256-GCM, bound to what it belongs to. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
import type { EncryptionContext, Kms } from './kms.js';

export interface SealedText {
  /** Base64url of nonce (12 bytes), tag (16) and ciphertext. */
  readonly sealed: string;
  readonly wrappedKey: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export async function sealText(kms: Kms, context: EncryptionContext, text: string): Promise<SealedText> {
  const { plaintext: key, wrapped } = await kms.generateDataKey(context);
  try {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(canonicalJson(context)));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return {
      sealed: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url'),
      wrappedKey: wrapped,
    };
  } finally {
    key.fill(0);
  }
}

/** @throws RocError ROC_BLOB_CORRUPT for what was changed, or sealed for something else */
export async function openText(
  kms: Kms,
  context: EncryptionContext,
  { sealed, wrappedKey }: SealedText,
): Promise<string> {
  const key = await kms.unwrap(wrappedKey, context);
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    const opened = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    opened.setAAD(Buffer.from(canonicalJson(context)));
    opened.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([opened.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), opened.final()]).toString();
  } catch (cause) {
    throw new RocError('ROC_BLOB_CORRUPT', 'a stored secret cannot be opened', {
      hint: 'It was changed, or belongs to something else; set it anew.',
      cause,
    });
  } finally {
    key.fill(0);
  }
}
