/** Keys of publishers as files: made, read. */
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { RocError } from '../kernel/errors.js';
import { publisherKeyId } from '../protocol/package/signature.js';

export interface NewKeyPair {
  readonly keyId: string;
  /** 0600. */
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
}

/** Writes FILE and FILE.pub. @throws RocError ROC_USAGE where one of them exists */
export async function makeKeyPair(file: string): Promise<NewKeyPair> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicKeyFile = `${file}.pub`;
  await writeNew(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 0o600);
  await writeNew(publicKeyFile, String(publicKey.export({ type: 'spki', format: 'pem' })), 0o644);
  return { keyId: publisherKeyId(publicKey), privateKeyFile: file, publicKeyFile };
}

/** @throws RocError ROC_USAGE */
export function readKey(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new RocError('ROC_USAGE', `the key ${file} cannot be read: ${cause.code}`, {
      hint: 'Check the path and who may read it; `roc robots keygen` makes a pair.',
      cause,
    });
  });
}

async function writeNew(file: string, text: string, mode: number): Promise<void> {
  await writeFile(file, text, { flag: 'wx', mode }).catch((cause: NodeJS.ErrnoException) => {
    throw new RocError('ROC_USAGE', `${file} cannot be made: ${cause.code}`, {
      hint: 'Name a file that does not exist yet: a key that was used is never overwritten.',
      cause,
    });
  });
}
