/** Observations by partition: in memory while they are few, on disk when they are many, never all at once. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A power of two; a partition is chosen by the first two hex digits of the track key. */
export const PARTITIONS = 64;

export interface Spool {
  /** Adds one frame to a partition. */
  add(partition: number, key: string, payload: string): void;
  /** Closes the files; what is left in memory is returned with the names of the files. */
  finish(): SpoolPart[];
}

/** The frames of one partition of one writer. */
export interface SpoolPart {
  readonly partition: number;
  readonly file: string | null;
  readonly bytes: Buffer;
}

const BLOCK_BYTES = 128 * 1024;
const HEADER_BYTES = 5;

/** @param dir where files go once more than `memoryBytes` are held */
export function createSpool(options: { dir: string; name: string; memoryBytes: number }): Spool {
  const blocks: (Buffer | undefined)[] = new Array(PARTITIONS);
  const used = new Int32Array(PARTITIONS);
  const files = new Map<number, number>();
  let held = 0;
  let isSpilling = false;

  function fileName(partition: number): string {
    return join(options.dir, `${options.name}-${partition}`);
  }

  function write(partition: number): void {
    const block = blocks[partition];
    if (block === undefined || used[partition] === 0) return;
    let fd = files.get(partition);
    if (fd === undefined) {
      fd = openSync(fileName(partition), 'wx', 0o600);
      files.set(partition, fd);
    }
    writeWhole(fd, block.subarray(0, used[partition]));
    used[partition] = 0;
  }

  function room(partition: number, bytes: number): Buffer {
    const block = blocks[partition];
    const taken = used[partition] ?? 0;
    if (block !== undefined && taken + bytes <= block.length) return block;
    if (isSpilling) {
      write(partition);
      if (block !== undefined && bytes <= block.length && block.length === BLOCK_BYTES) return block;
      const fresh = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, bytes));
      blocks[partition] = fresh;
      return fresh;
    }
    const grown = Buffer.allocUnsafe(Math.max((block?.length ?? 2048) * 2, taken + bytes));
    if (block !== undefined) block.copy(grown, 0, 0, taken);
    held += grown.length - (block?.length ?? 0);
    blocks[partition] = grown;
    return grown;
  }

  function spill(): void {
    isSpilling = true;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      write(partition);
      blocks[partition] = undefined;
    }
  }

  return {
    add(partition, key, payload) {
      const most = HEADER_BYTES + key.length + payload.length * 3;
      const block = room(partition, most);
      const start = used[partition] ?? 0;
      block.write(key, start + HEADER_BYTES, 'latin1');
      const length = block.write(payload, start + HEADER_BYTES + key.length, 'utf8');
      block.writeUInt32LE(length, start);
      block[start + 4] = key.length;
      used[partition] = start + HEADER_BYTES + key.length + length;
      if (!isSpilling && held > options.memoryBytes) spill();
    },
    finish() {
      const parts: SpoolPart[] = [];
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const fd = files.get(partition);
        const block = blocks[partition];
        const bytes = block?.subarray(0, used[partition]) ?? Buffer.alloc(0);
        if (fd !== undefined) closeSync(fd);
        if (fd !== undefined || bytes.length > 0)
          parts.push({ partition, file: fd === undefined ? null : fileName(partition), bytes });
      }
      return parts;
    },
  };
}

export function partitionOf(trackKey: string): number {
  return Number.parseInt(trackKey.slice(0, 2), 16) >> 2;
}

/** Calls `take` for each frame; `payload` is read only when asked. */
export function eachFrame(bytes: Buffer, take: (key: string, payload: () => string) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const keyEnd = at + HEADER_BYTES + (bytes[at + 4] ?? 0);
    const key = bytes.toString('latin1', at + HEADER_BYTES, keyEnd);
    take(key, () => bytes.toString('utf8', keyEnd, keyEnd + length));
    at = keyEnd + length;
  }
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
}
