/** AES-256-GCM of session payloads, keyed by the two halves of a KMS data key. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { RocError } from '../../kernel/errors.js';

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const KEY_LENGTH = 32;

export interface SessionCipher {
  encrypt(plain: readonly Uint8Array[]): Buffer;
  decrypt(sealed: Buffer): Buffer;
}

/**
 * @param dataKey 64 bytes: the first half opens what the agent sends, the second seals what the client sends
 * @param random fresh random bytes; a nonce must never repeat under one key
 */
export function createSessionCipher(dataKey: Uint8Array, random: (size: number) => Buffer): SessionCipher {
  if (dataKey.length !== 2 * KEY_LENGTH) {
    throw new RocError('ROC_UNEXPECTED', `KMS gave a data key of ${dataKey.length} bytes instead of 64`);
  }
  const incoming = dataKey.slice(0, KEY_LENGTH);
  const outgoing = dataKey.slice(KEY_LENGTH);
  return {
    encrypt(plain) {
      const nonce = random(NONCE_LENGTH);
      const cipher = createCipheriv('aes-256-gcm', outgoing, nonce);
      const sealed = plain.map((part) => cipher.update(part));
      return Buffer.concat([nonce, ...sealed, cipher.final(), cipher.getAuthTag()]);
    },
    decrypt(sealed) {
      if (sealed.length < NONCE_LENGTH + TAG_LENGTH) throw undecipherable();
      const end = sealed.length - TAG_LENGTH;
      const decipher = createDecipheriv('aes-256-gcm', incoming, sealed.subarray(0, NONCE_LENGTH));
      decipher.setAuthTag(sealed.subarray(end));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(NONCE_LENGTH, end)), decipher.final()]);
      } catch (cause) {
        throw undecipherable(cause);
      }
    },
  };
}

function undecipherable(cause?: unknown): RocError {
  return new RocError(
    'ROC_CHECK_FAILED',
    'a message of the session does not decrypt under its KMS data key',
    {
      hint: 'Someone changed it on the way, or the agent uses another key; start the session again.',
      cause,
    },
  );
}
