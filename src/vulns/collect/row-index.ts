/** Where the rows of one partition lie, in the order of their keys: numbers only, and the same memory for every partition. */
import { compareText } from './merge.js';
import { eachRow, readPart, type SpoolPart } from './spool.js';

export interface RowIndex {
  /**
   * Reads a partition in place of the last one.
   * @param moved keys whose rows stand elsewhere too, under the key that stands for them, and are passed over here
   */
  load(parts: readonly SpoolPart[], moved: ReadonlyMap<string, string>): void;
  readonly count: number;
  /** The key of the row at a place in the order. */
  key(place: number): string;
  read<T>(place: number, unpack: (bytes: Buffer, start: number, end: number) => T): T;
  /** Is the payload the same, byte by byte? */
  isSame(place: number, other: number): boolean;
}

/** Part, where the key begins, where the payload begins and ends, and the key's first 64 bits. */
const WORDS = 6;

export function createRowIndex(): RowIndex {
  let memory = Buffer.alloc(0);
  let rows = new Uint32Array(0);
  let order = new Uint32Array(0);
  let buffers: Buffer[] = [];
  let count = 0;

  function add(part: number, keyAt: number, start: number, end: number): void {
    const at = count * WORDS;
    if (at === rows.length) rows = grown(rows, 1024 * WORDS);
    const bytes = bytesOf(part);
    rows[at] = part;
    rows[at + 1] = keyAt;
    rows[at + 2] = start;
    rows[at + 3] = end;
    rows[at + 4] = word(bytes, keyAt);
    rows[at + 5] = word(bytes, keyAt + 8);
    count++;
  }

  function bytesOf(part: number): Buffer {
    return buffers[part] ?? memory;
  }

  function keyAt(row: number): string {
    return bytesOf(rows[row] ?? 0).toString('latin1', rows[row + 1], rows[row + 2]);
  }

  function compareRows(a: number, b: number): number {
    return (
      (rows[a + 4] ?? 0) - (rows[b + 4] ?? 0) ||
      (rows[a + 5] ?? 0) - (rows[b + 5] ?? 0) ||
      compareText(keyAt(a), keyAt(b))
    );
  }

  function readAll(parts: readonly SpoolPart[]): void {
    const wanted = parts.reduce((sum, part) => sum + part.bytesOnDisk, 0);
    if (wanted > memory.length) memory = Buffer.allocUnsafeSlow(Math.ceil(wanted * 1.2));
    let used = 0;
    buffers = parts.map((part) => {
      const bytes = readPart(part, memory.subarray(used, used + part.bytesOnDisk));
      used += part.bytesOnDisk;
      return bytes;
    });
  }

  return {
    get count() {
      return count;
    },
    load(parts, moved) {
      count = 0;
      readAll(parts);
      buffers.forEach((bytes, part) => {
        eachRow(bytes, (key, start, end) => {
          if (moved.size === 0 || !moved.has(bytes.toString('latin1', key, start)))
            add(part, key, start, end);
        });
      });
      if (order.length < count) order = new Uint32Array(rows.length / WORDS);
      for (let i = 0; i < count; i++) order[i] = i * WORDS;
      order.subarray(0, count).sort(compareRows);
    },
    key: (place) => keyAt(order[place] ?? 0),
    read(place, unpack) {
      const row = order[place] ?? 0;
      return unpack(bytesOf(rows[row] ?? 0), rows[row + 2] ?? 0, rows[row + 3] ?? 0);
    },
    isSame(place, other) {
      const [a = 0, b = 0] = [order[place], order[other]];
      const [from, to] = [rows[a + 2] ?? 0, rows[a + 3] ?? 0];
      const [start, end] = [rows[b + 2] ?? 0, rows[b + 3] ?? 0];
      if (to - from !== end - start) return false;
      return bytesOf(rows[a] ?? 0).compare(bytesOf(rows[b] ?? 0), start, end, from, to) === 0;
    },
  };
}

function grown(rows: Uint32Array, least: number): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(Math.max(rows.length * 2, least));
  more.set(rows);
  return more;
}

/** Eight hexadecimal digits as a number. */
function word(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) {
    const byte = bytes[i] ?? 0;
    value = (value << 4) | (byte > 0x39 ? byte - 0x57 : byte - 0x30);
  }
  return value >>> 0;
}
