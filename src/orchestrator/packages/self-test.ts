/** At start: proof that what goes into the store is not readable there, and comes back as it was. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { RocError } from '../../kernel/errors.js';
import { decryptChunks, encryptChunks } from '../../protocol/package/chunks.js';
import type { PackageDeps } from './store-package.js';

/**
 * Stores a known text as packages are stored, reads the raw bytes back, compares, decrypts, deletes.
 * @throws RocError ROC_CHECK_FAILED where plaintext would be stored, or whatever the store or the keys fail with
 */
export async function proveEncryption({ blobs, kms }: PackageDeps): Promise<void> {
  const id = randomBytes(16).toString('hex');
  const blobKey = `selftest/${id}`;
  const context = { tenant: 'self-test', robot: `self-test/${id}`, version: '0.0.0' };
  const known = `roc proves that what it stores is not plaintext: ${id}\n`.repeat(64);
  const key = await kms.generateDataKey(context);
  try {
    await blobs.put(blobKey, Readable.from([Buffer.from(known)]).pipe(encryptChunks(key.plaintext, context)));
    const raw = await rawBytes(await blobs.get(blobKey));
    if (raw.includes(id) || raw.includes(known.slice(0, 16)))
      throw failed('the stored bytes hold the plaintext');
    const unwrapped = await kms.unwrap(key.wrapped, context);
    const back = await text(Readable.from([raw]).pipe(decryptChunks(unwrapped, context)));
    if (back !== known) throw failed('the stored bytes do not come back as they were');
  } finally {
    await blobs.delete(blobKey);
    key.plaintext.fill(0);
  }
}

async function rawBytes(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function failed(why: string): RocError {
  return new RocError('ROC_CHECK_FAILED', `the encryption self-test failed: ${why}`, {
    hint: 'Do not run this build: it would store robots in the clear.',
  });
}
