/** Encrypted packages as streams and as random access; the layout is in chunk-format.ts. */
import { randomBytes } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import {
  type ChunkCipher,
  chunkCipher,
  chunkLayout,
  corrupt,
  HEADER_BYTES,
  makeHeader,
  TAG_BYTES,
} from './chunk-format.js';
import type { PackageContext } from './context.js';
import { checkRange, type RandomAccess } from './source.js';

const READ_AHEAD = 4;
const MAX_PIECES = 32;

/** Seals plaintext piece by piece; what it returns are the bytes to write next, in order. */
export interface Sealer {
  add(piece: Buffer): Buffer[];
  end(): Buffer[];
}

/**
 * Plaintext in, ROC1 out, without a stream. The key must be used for this one package only.
 * @param prefix seven random bytes of the nonces; given only to reproduce a test vector
 */
export function createSealer(key: Buffer, context: PackageContext, prefix = randomBytes(7)): Sealer {
  const cipher = chunkCipher(key, context, makeHeader(prefix));
  const queue = new PieceQueue();
  let index = 0;
  const seal = (length: number, isLast: boolean) => {
    const run = queue.take(length);
    // A stream of single bytes would cost a call and a buffer each.
    const sealed = cipher.seal(run.length > MAX_PIECES ? [Buffer.concat(run)] : run, index, isLast);
    return index++ === 0 ? [cipher.header, ...sealed] : sealed;
  };
  return {
    add(piece) {
      const sealed: Buffer[] = [];
      queue.add(piece);
      // A full chunk waits for the byte after it: until then it may be the last.
      while (queue.size > cipher.chunkBytes) sealed.push(...seal(cipher.chunkBytes, false));
      return sealed;
    },
    end: () => seal(queue.size, true),
  };
}

/** {@link createSealer} as a stream. */
export function encryptChunks(key: Buffer, context: PackageContext): Transform {
  const sealer = createSealer(key, context);
  return chunkTransform({ add: sealer.add, end: sealer.end });
}

/** ROC1 in, plaintext out; nothing unverified leaves it, and a stream cut anywhere ends in ROC_BLOB_CORRUPT. */
export function decryptChunks(key: Buffer, context: PackageContext): Transform {
  const queue = new PieceQueue();
  let cipher: ChunkCipher | undefined;
  let index = 0;
  const take = (length: number) => Buffer.concat(queue.take(length), length);
  return chunkTransform({
    add(piece) {
      queue.add(piece);
      if (cipher === undefined && queue.size < HEADER_BYTES) return [];
      cipher ??= chunkCipher(key, context, take(HEADER_BYTES));
      const opened: Buffer[] = [];
      const sealedBytes = cipher.chunkBytes + TAG_BYTES;
      while (queue.size > sealedBytes) opened.push(cipher.open(take(sealedBytes), index++, false));
      return opened;
    },
    end() {
      const isCut = cipher === undefined || (index > 0 && queue.size <= TAG_BYTES);
      if (cipher === undefined || isCut) throw corrupt('it was cut short');
      return [cipher.open(take(queue.size), index, true)];
    },
  });
}

/**
 * The plaintext of an encrypted source, chunk by chunk as it is asked for. The last chunk is opened at once, so that
 * a source that was cut short is refused here. Closing it closes the source.
 * @throws RocError ROC_BLOB_CORRUPT, here or from read
 */
export async function openEncrypted(
  source: RandomAccess,
  key: Buffer,
  context: PackageContext,
): Promise<RandomAccess> {
  if (source.size < HEADER_BYTES) throw corrupt('it was cut short');
  const cipher = chunkCipher(key, context, Buffer.from(await source.read(0, HEADER_BYTES)));
  const { chunks, plainBytes } = chunkLayout(source.size, cipher.chunkBytes);
  const sealedBytes = cipher.chunkBytes + TAG_BYTES;
  const cache = new Map<number, Buffer>();

  const load = async (first: number, last: number): Promise<Buffer[]> => {
    const start = HEADER_BYTES + first * sealedBytes;
    const end = Math.min(HEADER_BYTES + (last + 1) * sealedBytes, source.size);
    const sealed = await source.read(start, end - start);
    const opened: Buffer[] = [];
    for (let index = first; index <= last; index++) {
      const at = (index - first) * sealedBytes;
      opened.push(cipher.open(sealed.subarray(at, at + sealedBytes), index, index === chunks - 1));
    }
    return opened;
  };
  const chunkRun = async (first: number, last: number): Promise<Buffer[]> => {
    const known = Array.from({ length: last - first + 1 }, (_, i) => cache.get(first + i));
    const missing = known.indexOf(undefined);
    if (missing === -1) return known as Buffer[];
    // Who asks for a chunk asks for the next ones soon: packages are read from one end to the other.
    const from = first + missing;
    const loaded = await load(from, Math.min(Math.max(last, from + READ_AHEAD - 1), chunks - 1));
    cache.clear();
    for (const [i, chunk] of loaded.entries()) if (from + i >= last) cache.set(from + i, chunk);
    return [...known.slice(0, missing), ...loaded.slice(0, last - from + 1)] as Buffer[];
  };

  await chunkRun(chunks - 1, chunks - 1);
  return {
    size: plainBytes,
    async read(offset, length) {
      checkRange(offset, length, plainBytes);
      if (length === 0) return Buffer.alloc(0);
      const first = Math.floor(offset / cipher.chunkBytes);
      const run = await chunkRun(first, Math.floor((offset + length - 1) / cipher.chunkBytes));
      const within = offset - first * cipher.chunkBytes;
      const [only] = run;
      const bytes = run.length === 1 && only !== undefined ? only : Buffer.concat(run);
      return bytes.subarray(within, within + length);
    },
    close: () => source.close(),
  };
}

/** Pieces of any length in, runs of exact length out, without copying. */
class PieceQueue {
  #pieces: Buffer[] = [];
  size = 0;

  add(piece: Buffer): void {
    if (piece.length > 0) this.#pieces.push(piece);
    this.size += piece.length;
  }

  /** As many pieces as make up `length` bytes, of which there must be enough. */
  take(length: number): Buffer[] {
    const run: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const piece = this.#pieces[run.length] as Buffer;
      run.push(piece.length > missing ? piece.subarray(0, missing) : piece);
      missing -= piece.length;
    }
    const split = missing < 0 ? [(this.#pieces[run.length - 1] as Buffer).subarray(missing)] : [];
    this.#pieces = [...split, ...this.#pieces.slice(run.length)];
    this.size -= length;
    return run;
  }
}

function chunkTransform(steps: { add(piece: Buffer): Buffer[]; end(): Buffer[] }): Transform {
  const pass = (stream: Transform, done: TransformCallback, step: () => Buffer[]) => {
    try {
      for (const part of step()) if (part.length > 0) stream.push(part);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  };
  return new Transform({
    highWaterMark: 1024 * 1024,
    transform(piece: Buffer, _encoding, done) {
      pass(this, done, () => steps.add(piece));
    },
    flush(done) {
      pass(this, done, steps.end);
    },
  });
}
