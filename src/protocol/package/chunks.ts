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

const CACHED_CHUNKS = 4;

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
  const blocks = new Blocks(cipher.chunkBytes);
  let index = 0;
  const seal = (plaintext: Buffer, isLast: boolean) => {
    const parts = cipher.seal(plaintext, index, isLast);
    return index++ === 0 ? [cipher.header, ...parts] : parts;
  };
  return {
    add(piece) {
      const sealed: Buffer[] = [];
      blocks.add(piece, (block) => sealed.push(...seal(block, false)));
      return sealed;
    },
    end: () => seal(blocks.rest(), true),
  };
}

/** {@link createSealer} as a stream. */
export function encryptChunks(key: Buffer, context: PackageContext): Transform {
  const sealer = createSealer(key, context);
  const pushAll = (stream: Transform, parts: Buffer[]) => {
    for (const part of parts) if (part.length > 0) stream.push(part);
  };
  return chunkTransform({
    transform: (stream, piece) => pushAll(stream, sealer.add(piece)),
    flush: (stream) => pushAll(stream, sealer.end()),
  });
}

/** ROC1 in, plaintext out; nothing unverified leaves it, and a stream cut anywhere ends in ROC_BLOB_CORRUPT. */
export function decryptChunks(key: Buffer, context: PackageContext): Transform {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerFilled = 0;
  let opened: { cipher: ChunkCipher; blocks: Blocks } | undefined;
  let index = 0;
  return chunkTransform({
    transform(stream, piece) {
      const taken = piece.copy(header, headerFilled, 0, HEADER_BYTES - headerFilled);
      headerFilled += taken;
      if (headerFilled < HEADER_BYTES) return;
      if (opened === undefined) {
        const cipher = chunkCipher(key, context, header);
        opened = { cipher, blocks: new Blocks(cipher.chunkBytes + TAG_BYTES) };
      }
      const { cipher, blocks } = opened;
      blocks.add(piece.subarray(taken), (block) => stream.push(cipher.open(block, index++, false)));
    },
    flush(stream) {
      const rest = opened?.blocks.rest();
      if (opened === undefined || rest === undefined) throw corrupt('it was cut short');
      if (index > 0 && rest.length <= TAG_BYTES) throw corrupt('it was cut short');
      const plaintext = opened.cipher.open(rest, index, true);
      if (plaintext.length > 0) stream.push(plaintext);
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

  const chunkAt = async (index: number): Promise<Buffer> => {
    const known = cache.get(index);
    if (known !== undefined) return known;
    const start = HEADER_BYTES + index * sealedBytes;
    const sealed = await source.read(start, Math.min(sealedBytes, source.size - start));
    const plaintext = cipher.open(sealed, index, index === chunks - 1);
    cache.set(index, plaintext);
    for (const oldest of cache.keys()) if (cache.size > CACHED_CHUNKS) cache.delete(oldest);
    return plaintext;
  };

  await chunkAt(chunks - 1);
  return {
    size: plainBytes,
    async read(offset, length) {
      checkRange(offset, length, plainBytes);
      const parts: Buffer[] = [];
      for (let at = offset; at < offset + length; ) {
        const within = at % cipher.chunkBytes;
        const chunk = await chunkAt((at - within) / cipher.chunkBytes);
        const part = chunk.subarray(within, within + offset + length - at);
        parts.push(part);
        at += part.length;
      }
      const [only] = parts;
      return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts, length);
    },
    close: () => source.close(),
  };
}

/** Pieces of any length in, blocks of one length out; a block leaves only when a byte follows it. */
class Blocks {
  readonly #size: number;
  readonly #buffer: Buffer;
  #filled = 0;

  constructor(size: number) {
    this.#size = size;
    this.#buffer = Buffer.allocUnsafeSlow(size);
  }

  /** The block is only good during the call: its memory is used again. */
  add(piece: Buffer, onBlock: (block: Buffer) => void): void {
    for (let at = 0; at < piece.length; ) {
      if (this.#filled === this.#size) {
        onBlock(this.#buffer);
        this.#filled = 0;
      }
      if (this.#filled === 0 && piece.length - at > this.#size) {
        onBlock(piece.subarray(at, at + this.#size));
        at += this.#size;
        continue;
      }
      const copied = piece.copy(this.#buffer, this.#filled, at);
      this.#filled += copied;
      at += copied;
    }
  }

  rest(): Buffer {
    return this.#buffer.subarray(0, this.#filled);
  }
}

interface ChunkSteps {
  transform(stream: Transform, piece: Buffer): void;
  flush(stream: Transform): void;
}

function chunkTransform(steps: ChunkSteps): Transform {
  const run = (done: TransformCallback, step: () => void) => {
    try {
      step();
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  };
  return new Transform({
    highWaterMark: 1024 * 1024,
    transform(piece: Buffer, _encoding, done) {
      run(done, () => steps.transform(this, piece));
    },
    flush(done) {
      run(done, () => steps.flush(this));
    },
  });
}
