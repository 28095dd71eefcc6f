/** A secret of a project as it is stored and as it travels: AES-256-GCM under a data key of its own. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { canonicalJson } from '../kernel/canonical-json.js';
import { RocError } from '../kernel/errors.js';
import type { KeyBinding } from './package/key-wrap.js';

/** What it is bound to: tenant, asset and, where it is for one only, environment. */
export type SecretContext = Readonly<Record<string, string>>;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @returns nonce, ciphertext and tag, base64url */
export function sealSecretText(key: Buffer, context: SecretContext, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(canonicalJson(context)));
  const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return bytes.toString('base64url');
}

/** @throws RocError ROC_BLOB_CORRUPT for what was changed, or sealed for something else */
export function openSecretText(key: Buffer, context: SecretContext, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new RangeError('too short');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(canonicalJson(context)));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString();
  } catch (cause) {
    const problem = 'a stored secret does not open: it was changed, or belongs elsewhere';
    throw new RocError('ROC_BLOB_CORRUPT', problem, { hint: 'Set it again with `roc assets set`.', cause });
  }
}

/** What its data key is wrapped for: one runner, one job, one claim of it, this asset and these very bytes. */
export function secretBinding(
  lease: Pick<KeyBinding, 'runnerId' | 'jobId' | 'epoch'>,
  secret: { readonly id: string; readonly sealed: string },
): KeyBinding {
  const digest = createHash('sha256').update(secret.sealed).digest('hex');
  return { ...lease, digest: `asset:${secret.id}:${digest}` };
}
