/** A master key in a file of its own: for one machine, and for tests of everything that needs a Kms. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { EncryptionContext, Kms } from './kms.js';
import { readOrMakeMasterKey } from './master-key-file.js';
import { notUnwrapped } from './not-unwrapped.js';

const DATA_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PREFIX = 'local:v1';

/**
 * Reads the master key at `path`, or makes one (0600, its folder 0700) where there is none.
 * @throws RocError ROC_DATA_DIR_UNUSABLE where others may read it, or it is no key
 */
export function createLocalKms({ path }: { readonly path: string }): Kms {
  const masterKey = readOrMakeMasterKey(path);
  const keyId = createHash('sha256').update('roc master key id').update(masterKey).digest('hex').slice(0, 16);
  const wrap = (plaintext: Buffer, context: EncryptionContext) =>
    `${PREFIX}:${keyId}:${seal(masterKey, plaintext, context)}`;
  return {
    keyId: `local:${keyId}`,
    isOwn: (wrapped) => wrapped.startsWith(`${PREFIX}:${keyId}:`),
    async generateDataKey(context) {
      const plaintext = randomBytes(DATA_KEY_BYTES);
      return { plaintext, wrapped: wrap(plaintext, context) };
    },
    wrap: async (plaintext, context) => wrap(plaintext, context),
    async unwrap(wrapped, context) {
      const [name, version, madeBy, sealed = '', ...rest] = wrapped.split(':');
      const bytes = Buffer.from(sealed, 'base64url');
      // Node reads base64url loosely: two texts must not stand for one key.
      const isExact = rest.length === 0 && bytes.toString('base64url') === sealed;
      if (`${name}:${version}` !== PREFIX || !isExact)
        throw notUnwrapped('it was not wrapped by a local master key');
      if (madeBy !== keyId)
        throw notUnwrapped(`it was wrapped by master key ${madeBy}, this one is ${keyId}`);
      return unseal(masterKey, bytes, context);
    },
  };
}

/** nonce, 12 | ciphertext | tag, 16; the context is authenticated with it. */
function seal(key: Buffer, plaintext: Buffer, context: EncryptionContext): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(canonicalJson(context)));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
}

function unseal(key: Buffer, sealed: Buffer, context: EncryptionContext): Buffer {
  if (sealed.length !== NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES) throw notUnwrapped('it has another length');
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(canonicalJson(context)));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw notUnwrapped('it was changed, or belongs to something else', cause);
  }
}
