/** Decided findings in order of urgency: rows are gathered encoded, sorted by an index, and kept as sorted runs. */
import type { Finding } from '../model.js';
import { type ScratchFiles, writeScratch } from '../scratch-files.js';

/** A sorted run: in memory, or a stretch of a file. */
export interface Run {
  readonly bytes: Buffer | null;
  readonly file: number | null;
  readonly offset: number;
  readonly length: number;
}

export interface RunWriter {
  add(rank: number, key: string, json: string): void;
  finish(): Run[];
}

const NO_DUE = 2 ** 28 - 1;
const MINUTE = 60_000;
export const RUN_HEADER_BYTES = 14;
const RUN_BYTES = 8 * 1024 * 1024;

/** One number to sort by: what asks for work first, then the date, then the score from high to low. */
export function rankOf(finding: Finding, dueMs: number | null): number {
  const group = finding.state === 'fixed' ? 2 : finding.state === 'suppressed' ? 1 : 0;
  const due = dueMs === null ? NO_DUE : Math.min(Math.floor(dueMs / MINUTE), NO_DUE - 1);
  return (group * 2 ** 28 + due) * 2 ** 14 + (10_000 - Math.round(finding.score * 100));
}

interface Row {
  readonly rank: number;
  readonly key: string;
  readonly at: number;
  readonly length: number;
}

/** @param scratch where runs go; null keeps them in memory */
export function createRunWriter(scratch: ScratchFiles | null): RunWriter {
  const runs: Run[] = [];
  let fd: number | null = null;
  let written = 0;
  let block = Buffer.allocUnsafeSlow(scratch === null ? 64 * 1024 : RUN_BYTES);
  let spare = Buffer.alloc(0);
  let used = 0;
  let rows: Row[] = [];

  function room(bytes: number): void {
    if (used + bytes <= block.length) return;
    if (scratch !== null && rows.length > 0) {
      cut();
      if (bytes <= block.length) return;
    }
    const grown = Buffer.allocUnsafeSlow(Math.max(block.length * 2, used + bytes));
    block.copy(grown, 0, 0, used);
    block = grown;
  }

  function roomToSort(): Buffer {
    if (scratch === null) return Buffer.allocUnsafeSlow(used);
    if (spare.length < used) spare = Buffer.allocUnsafeSlow(block.length);
    return spare;
  }

  /** Sorts what is held and lays it down as one run. */
  function cut(): void {
    if (rows.length === 0) return;
    rows.sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
    const sorted = roomToSort();
    let at = 0;
    for (const row of rows) at += block.copy(sorted, at, row.at, row.at + row.length);
    if (scratch === null) runs.push({ bytes: sorted, file: null, offset: 0, length: used });
    else {
      fd ??= scratch.create();
      writeScratch(fd, sorted, used);
      runs.push({ bytes: null, file: fd, offset: written, length: used });
      written += used;
    }
    rows = [];
    used = 0;
  }

  return {
    add(rank, key, json) {
      room(RUN_HEADER_BYTES + key.length + json.length * 3);
      const start = used;
      const keyAt = start + RUN_HEADER_BYTES;
      block.write(key, keyAt, 'latin1');
      const length = block.write(json, keyAt + key.length, 'utf8');
      block.writeDoubleLE(rank, start);
      block.writeUInt16LE(key.length, start + 8);
      block.writeUInt32LE(length, start + 10);
      used = keyAt + key.length + length;
      rows.push({ rank, key, at: start, length: used - start });
    },
    finish() {
      cut();
      return runs;
    },
  };
}
