/** Sorted runs as one sorted stream. */
import { readFully } from '../scratch-files.js';
import { RUN_HEADER_BYTES, type Run } from './run-file.js';

const BLOCK_BYTES = 64 * 1024;

/** Calls `take` with the JSON bytes of every row of all runs, most urgent first. The bytes are valid during the call. */
export async function mergeRuns(
  runs: readonly Run[],
  take: (json: Buffer) => Promise<void> | undefined,
): Promise<void> {
  const heads = runs.map(openRun).filter((head) => head.next());
  heads.sort(compareHeads);
  for (let first = heads[0]; first !== undefined; first = heads[0]) {
    const waiting = take(first.json());
    if (waiting !== undefined) await waiting;
    if (!first.next()) {
      heads.shift();
      continue;
    }
    const second = heads[1];
    if (second !== undefined && compareHeads(first, second) > 0) {
      heads.shift();
      heads.splice(placeFor(heads, first), 0, first);
    }
  }
}

interface Head {
  rank: number;
  key: string;
  json(): Buffer;
  next(): boolean;
}

function compareHeads(a: Head, b: Head): number {
  return a.rank - b.rank || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

function placeFor(heads: readonly Head[], head: Head): number {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = heads[middle];
    if (other !== undefined && compareHeads(other, head) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function openRun({ bytes, file, offset, length }: Run): Head {
  let buffer: Buffer = bytes ?? Buffer.alloc(0);
  let left = file === null ? 0 : length;
  let position = offset;
  let at = 0;
  let jsonAt = 0;

  /** Makes so many bytes available at `at`; false at the end of the run. */
  function need(wanted: number): boolean {
    if (at + wanted <= buffer.length) return true;
    if (file === null || left === 0) return false;
    const rest = buffer.length - at;
    const next = Buffer.allocUnsafeSlow(Math.min(Math.max(BLOCK_BYTES, wanted), rest + left));
    buffer.copy(next, 0, at);
    const more = next.length - rest;
    readFully(file, next.subarray(rest), position);
    position += more;
    left -= more;
    buffer = next;
    at = 0;
    return wanted <= buffer.length;
  }

  return {
    rank: 0,
    key: '',
    json: () => buffer.subarray(jsonAt, at),
    next() {
      if (!need(RUN_HEADER_BYTES)) return false;
      const keyLength = buffer.readUInt16LE(at + 8);
      const jsonLength = buffer.readUInt32LE(at + 10);
      need(RUN_HEADER_BYTES + keyLength + jsonLength);
      this.rank = buffer.readDoubleLE(at);
      jsonAt = at + RUN_HEADER_BYTES + keyLength;
      this.key = buffer.toString('latin1', at + RUN_HEADER_BYTES, jsonAt);
      at = jsonAt + jsonLength;
      return true;
    },
  };
}
