/** Bytes that can be read at any offset: a file, a buffer, or (chunks.ts) the plaintext of an encrypted one. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { RocError } from '../../kernel/errors.js';

export interface RandomAccess {
  /** Bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`; a range outside the source is a RangeError. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Opens a regular file for random access; a symlink, folder or device is refused. */
export async function openFileSource(path: string): Promise<RandomAccess> {
  // Without O_NONBLOCK, opening a pipe would wait for its writer for ever.
  const handle = await open(
    path,
    constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
  );
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new RocError('ROC_INVALID_INPUT', `${path} is not a regular file`);
    return {
      size: stats.size,
      async read(offset, length) {
        checkRange(offset, length, stats.size);
        const buffer = Buffer.allocUnsafe(length);
        for (let filled = 0; filled < length; ) {
          const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
          if (bytesRead === 0)
            throw new RocError('ROC_BLOB_CORRUPT', `${path} became shorter while it was read`);
          filled += bytesRead;
        }
        return buffer;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A buffer as a source; reads share its memory. */
export function bufferSource(buffer: Buffer): RandomAccess {
  return {
    size: buffer.length,
    async read(offset, length) {
      checkRange(offset, length, buffer.length);
      return buffer.subarray(offset, offset + length);
    },
    async close() {},
  };
}

const PIECE_BYTES = 64 * 1024;

/** A range of a source, piece by piece, in order; cut where chunks of an encrypted source are, so that none is copied. */
export async function* readRange(
  source: RandomAccess,
  start: number,
  length: number,
): AsyncGenerator<Buffer, void, undefined> {
  const end = start + length;
  for (let offset = start; offset < end; ) {
    const piece = await source.read(offset, Math.min(PIECE_BYTES - (offset % PIECE_BYTES), end - offset));
    offset += piece.length;
    yield piece;
  }
}

export function checkRange(offset: number, length: number, size: number): void {
  const isInside =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= size;
  if (!isInside) throw new RangeError(`bytes ${offset}+${length} lie outside a source of ${size} bytes`);
}
