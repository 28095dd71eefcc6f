/** Decided findings in order of urgency: sorted runs, one a partition, and their merge. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Finding } from '../model.js';

export interface RunRow {
  readonly rank: number;
  readonly key: string;
  /** The finding as JSON. */
  readonly json: string;
}

/** Where a sorted run is: in memory, or in a file. */
export interface Run {
  readonly bytes: Buffer | null;
  readonly file: string | null;
}

const NO_DUE = 2 ** 28 - 1;
const MINUTE = 60_000;

/** One number to sort by: what asks for work first, then the date, then the score from high to low. */
export function rankOf(finding: Finding): number {
  const group = finding.state === 'fixed' ? 2 : finding.state === 'suppressed' ? 1 : 0;
  const { dueAt, score } = finding.decision;
  const due = dueAt === null ? NO_DUE : Math.min(Math.floor(Date.parse(dueAt) / MINUTE), NO_DUE - 1);
  return (group * 2 ** 28 + due) * 2 ** 14 + (10_000 - Math.round(score * 100));
}

const HEADER_BYTES = 14;

/** Sorts the rows and writes them as frames: rank, key, JSON. */
export function writeRun(rows: RunRow[], file: string | null): Run {
  rows.sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
  const blocks: Buffer[] = [];
  const fd = file === null ? null : openSync(file, 'wx', 0o600);
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  let used = 0;
  const flush = (): void => {
    if (fd === null) blocks.push(Buffer.from(block.subarray(0, used)));
    else for (let at = 0; at < used; ) at += writeSync(fd, block, at, used - at);
    used = 0;
  };
  for (const { rank, key, json } of rows) {
    const most = HEADER_BYTES + key.length + json.length * 3;
    if (used + most > block.length) {
      flush();
      if (most > block.length) block = Buffer.allocUnsafe(most);
    }
    const keyStart = used + HEADER_BYTES;
    block.write(key, keyStart, 'latin1');
    const length = block.write(json, keyStart + key.length, 'utf8');
    block.writeDoubleLE(rank, used);
    block.writeUInt16LE(key.length, used + 8);
    block.writeUInt32LE(length, used + 10);
    used = keyStart + key.length + length;
  }
  flush();
  if (fd !== null) closeSync(fd);
  return { file, bytes: fd === null ? Buffer.concat(blocks) : null };
}

const BLOCK_BYTES = 256 * 1024;

/** Calls `take` with the JSON bytes of every row of all runs, most urgent first. The bytes are valid during the call. */
export async function mergeRuns(
  runs: readonly Run[],
  take: (json: Buffer) => Promise<void> | undefined,
): Promise<void> {
  const heads = runs.map(openRun).filter((head) => head.next());
  heads.sort(compareHeads);
  while (heads.length > 0) {
    const [first] = heads;
    if (first === undefined) return;
    const waiting = take(first.json);
    if (waiting !== undefined) await waiting;
    if (!first.next()) {
      heads.shift();
      continue;
    }
    // The head that moved is put back in place: usually a step or two, at most a binary search.
    if (heads.length > 1 && compareHeads(first, heads[1] ?? first) > 0) {
      heads.shift();
      heads.splice(placeFor(heads, first), 0, first);
    }
  }
}

interface Head {
  rank: number;
  key: string;
  json: Buffer;
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

function openRun({ bytes, file }: Run): Head {
  let buffer: Buffer = bytes ?? Buffer.alloc(0);
  let at = 0;
  const fd = file === null ? null : openSync(file, 'r');

  /** Makes `length` bytes available at `at`; false at the end of the run. */
  function need(length: number): boolean {
    if (at + length <= buffer.length) return true;
    if (fd === null) return false;
    const rest = buffer.subarray(at);
    const wanted = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, length));
    rest.copy(wanted);
    let have = rest.length;
    while (have < wanted.length) {
      const read = readSync(fd, wanted, have, wanted.length - have, null);
      if (read === 0) break;
      have += read;
    }
    buffer = wanted.subarray(0, have);
    at = 0;
    return length <= have;
  }

  const head: Head = {
    rank: 0,
    key: '',
    json: buffer,
    next() {
      if (!need(HEADER_BYTES)) {
        if (fd !== null) closeSync(fd);
        return false;
      }
      const keyLength = buffer.readUInt16LE(at + 8);
      const length = buffer.readUInt32LE(at + 10);
      need(HEADER_BYTES + keyLength + length);
      head.rank = buffer.readDoubleLE(at);
      const keyEnd = at + HEADER_BYTES + keyLength;
      head.key = buffer.toString('latin1', at + HEADER_BYTES, keyEnd);
      head.json = buffer.subarray(keyEnd, keyEnd + length);
      at = keyEnd + length;
      return true;
    },
  };
  return head;
}
