/** A KMS of one test: data keys bound to their encryption context. */
import { randomBytes } from 'node:crypto';

export interface KeyStore {
  generate(
    keyId: string,
    context: Readonly<Record<string, string>>,
  ): { plaintext: string; ciphertext: string };
  /** Throws when the ciphertext is unknown or the context is another. */
  decrypt(ciphertext: string, context: Readonly<Record<string, string>>): Uint8Array;
}

export function createKeyStore(): KeyStore {
  const keys = new Map<string, { plain: Buffer; context: string }>();
  return {
    generate(keyId, context) {
      const plain = randomBytes(64);
      const ciphertext = Buffer.concat([Buffer.from(keyId), randomBytes(32)]).toString('base64');
      keys.set(ciphertext, { plain, context: canonical(context) });
      return { plaintext: plain.toString('base64'), ciphertext };
    },
    decrypt(ciphertext, context) {
      const entry = keys.get(ciphertext);
      if (entry === undefined) throw new TypeError('unknown ciphertext');
      if (entry.context !== canonical(context)) throw new TypeError('another encryption context');
      return entry.plain;
    },
  };
}

function canonical(context: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1)));
}
