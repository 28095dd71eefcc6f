/** Buffers of one size that go round between who fills them and who has read them: fresh ones cost more than their bytes. */

export const CHUNK_BYTES = 1024 * 1024;

/** As many as may be under way at once; more are left to the garbage collector. */
const KEPT = 16;

export interface ChunkPool {
  /** A buffer of CHUNK_BYTES, its content whatever it was. */
  take(): Buffer;
  /** Gives the memory under some bytes back; the giver must not look at it again. Other sizes are not kept. */
  give(bytes: Buffer): void;
}

export function createChunkPool(): ChunkPool {
  const free: ArrayBufferLike[] = [];
  return {
    take() {
      const memory = free.pop();
      return memory === undefined ? Buffer.allocUnsafeSlow(CHUNK_BYTES) : Buffer.from(memory);
    },
    give({ buffer }) {
      if (buffer.byteLength === CHUNK_BYTES && free.length < KEPT) free.push(buffer);
    },
  };
}
