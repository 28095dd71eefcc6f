/** Streams an upload into the blob store, hashed as it came and encrypted before it is anywhere but in memory. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { RocError } from '../../kernel/errors.js';
import { createSealer, type Sealer } from '../../protocol/package/chunks.js';
import type { PackageContext } from '../../protocol/package/context.js';
import { invalidPackage } from '../../protocol/package/invalid-package.js';
import type { Blobs } from '../blobs/blobs.js';

export interface EncryptInto {
  readonly blobKey: string;
  readonly key: Buffer;
  readonly context: PackageContext;
  /** Of the upload. */
  readonly maxBytes: number;
}

/**
 * @returns SHA-256 (lower-case hex) and bytes of the upload, not of what was stored
 * @throws RocError ROC_TOO_LARGE, ROC_PACKAGE_INVALID where the upload broke off; nothing is stored then
 */
export async function encryptInto(
  blobs: Blobs,
  { blobKey, key, context, maxBytes }: EncryptInto,
  upload: Readable,
): Promise<{ sha256: string; size: number }> {
  // It may fail before anyone reads it; who reads it then still meets the error.
  upload.on('error', () => {});
  const meter = createMeter(maxBytes);
  await blobs.put(blobKey, sealUpload(upload, meter, createSealer(key, context)));
  return meter.result();
}

async function* sealUpload(
  upload: Readable,
  meter: Meter,
  sealer: Sealer,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of wholeUpload(upload)) {
    meter.add(piece);
    yield* sealer.add(piece);
  }
  yield* sealer.end();
}

async function* wholeUpload(upload: Readable): AsyncGenerator<Buffer, void, undefined> {
  try {
    // Destroying a request would take away the connection that the refusal is to be answered on.
    yield* upload.iterator({ destroyOnReturn: false });
  } catch (cause) {
    throw invalidPackage('the upload broke off before it was whole', { hint: 'Publish it again.', cause });
  }
}

interface Meter {
  add(piece: Buffer): void;
  result(): { sha256: string; size: number };
}

function createMeter(maxBytes: number): Meter {
  const hash = createHash('sha256');
  let size = 0;
  return {
    add(piece) {
      size += piece.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      hash.update(piece);
    },
    result: () => ({ sha256: hash.digest('hex'), size }),
  };
}

function tooLarge(maxBytes: number): RocError {
  return new RocError('ROC_TOO_LARGE', `the package is larger than ${maxBytes} bytes`, {
    hint: 'Leave out what the robot does not need (.rocignore), or ask for a larger limit.',
  });
}
