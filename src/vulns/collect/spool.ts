/** Rows by partition: in memory while they are few, in one file when they are many, never all at once. */
import { readFully, type ScratchFiles, writeScratch } from '../scratch-files.js';
import type { Payload } from './pack.js';

/** So many that the objects of one partition of a million findings fit where young objects live. */
export const PARTITIONS = 1024;

export interface Spool {
  /** Adds one row to a partition. */
  add(partition: number, key: string, payload: Payload): void;
  /** Tells where everything is. */
  finish(): SpoolPart[];
}

/** The rows of one partition of one writer: in memory, or as pieces of a file. */
export interface SpoolPart {
  readonly partition: number;
  readonly bytes: Buffer;
  readonly file: number | null;
  /** Offset and length of each piece, in pairs. */
  readonly pieces: readonly number[];
  /** Together. */
  readonly bytesOnDisk: number;
}

const PIECE_BYTES = 16 * 1024;
const HEADER_BYTES = 5;

/** @param options.memoryBytes once more than these are held, everything goes to a scratch file */
export function createSpool(options: { scratch: ScratchFiles; memoryBytes: number }): Spool {
  const blocks: (Buffer | undefined)[] = new Array(PARTITIONS);
  const used = new Int32Array(PARTITIONS);
  const pieces: number[][] = Array.from({ length: PARTITIONS }, () => []);
  let fd: number | null = null;
  let written = 0;
  let held = 0;

  function flush(partition: number): void {
    const block = blocks[partition];
    const length = used[partition] ?? 0;
    if (block === undefined || length === 0 || fd === null) return;
    writeScratch(fd, block, length);
    pieces[partition]?.push(written, length);
    written += length;
    used[partition] = 0;
  }

  function room(partition: number, bytes: number): Buffer {
    const block = blocks[partition];
    const taken = used[partition] ?? 0;
    if (block !== undefined && taken + bytes <= block.length) return block;
    if (fd !== null) {
      flush(partition);
      if (block !== undefined && bytes <= block.length) return block;
      const fresh = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, bytes));
      blocks[partition] = fresh;
      return fresh;
    }
    const grown = Buffer.allocUnsafeSlow(Math.max((block?.length ?? 1024) * 2, taken + bytes));
    block?.copy(grown, 0, 0, taken);
    held += grown.length - (block?.length ?? 0);
    blocks[partition] = grown;
    return grown;
  }

  function spill(): void {
    fd = options.scratch.create();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      flush(partition);
      blocks[partition] = undefined;
    }
  }

  return {
    add(partition, key, payload) {
      const block = room(partition, HEADER_BYTES + key.length + payload.bound);
      const start = used[partition] ?? 0;
      const payloadAt = start + HEADER_BYTES + key.length;
      block.write(key, start + HEADER_BYTES, 'latin1');
      const end = payload.write(block, payloadAt);
      block.writeUInt32LE(end - payloadAt, start);
      block[start + 4] = key.length;
      used[partition] = end;
      if (fd === null && held > options.memoryBytes) spill();
    },
    finish() {
      const parts: SpoolPart[] = [];
      for (let partition = 0; partition < PARTITIONS; partition++) {
        // What is on disk is whole there: a part is pieces of the file or memory, never both.
        flush(partition);
        const bytes = fd === null ? blocks[partition]?.subarray(0, used[partition]) : undefined;
        const places = pieces[partition] ?? [];
        if (places.length > 0 || (bytes?.length ?? 0) > 0)
          parts.push({
            partition,
            bytes: bytes ?? NOTHING,
            file: fd,
            pieces: places,
            bytesOnDisk: bytesOf(places),
          });
      }
      return parts;
    },
  };
}

const NOTHING = Buffer.alloc(0);

function bytesOf(pieces: readonly number[]): number {
  let total = 0;
  for (let i = 1; i < pieces.length; i += 2) total += pieces[i] ?? 0;
  return total;
}

/** By the first ten bits of the track key, so that partitions in order are keys in order. */
export function partitionOf(trackKey: string): number {
  return Number.parseInt(trackKey.slice(0, 3), 16) >> 2;
}

/** @param memory as long as the part's bytes on disk; not used for a part in memory */
export function readPart({ file, bytes, pieces }: SpoolPart, memory: Buffer): Buffer {
  if (file === null) return bytes;
  let at = 0;
  for (let i = 0; i < pieces.length; i += 2) {
    const [offset = 0, length = 0] = [pieces[i], pieces[i + 1]];
    readFully(file, memory.subarray(at, at + length), offset);
    at += length;
  }
  return memory;
}

/** Calls `take` for each row with the places of its key and its payload, which follows the key. */
export function eachRow(bytes: Buffer, take: (key: number, start: number, end: number) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const key = at + HEADER_BYTES;
    const start = key + (bytes[at + 4] ?? 0);
    const end = start + bytes.readUInt32LE(at);
    take(key, start, end);
    at = end;
  }
}
