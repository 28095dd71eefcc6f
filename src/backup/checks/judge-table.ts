/** A table of the manifest against the same table of the copy: counts and digests in, one verdict out. Pure. */
import type { ManifestTable } from '../manifest/model.js';
import type { ChunkDigest } from '../mysql/chunks.js';
import type { Verdict } from '../results.js';

export interface ReadChunk extends ChunkDigest {
  /** Place in the manifest's list, from 0. */
  readonly index: number;
}

export interface TableReading {
  readonly chunks: readonly ReadChunk[];
  /** All rows of the copy; null where only the chunks were read. */
  readonly rows: number | null;
  /** Rows above the watermark of an append-only table. */
  readonly above: number;
}

export interface DamagedChunk {
  readonly index: number;
  readonly expected: ChunkDigest;
  readonly actual: ChunkDigest;
}

export interface TableVerdict {
  readonly verdict: Verdict;
  readonly damaged: readonly DamagedChunk[];
  readonly expected: string;
  readonly actual: string;
}

export interface JudgeRules {
  /** Whether nobody wrote between the manifest and the backup, so that a difference can only be damage. */
  readonly isExact: boolean;
  readonly tolerancePct: number;
}

export function judgeTable(table: ManifestTable, reading: TableReading, rules: JudgeRules): TableVerdict {
  if (table.mode === 'mutable') return judgeMutable(table, reading, rules.tolerancePct);
  const mayGrow = table.mode === 'append-only';
  const differing = reading.chunks
    .map((actual) => ({ index: actual.index, expected: chunkOf(table, actual.index), actual }))
    .filter(({ expected, actual }) => expected.rows !== actual.rows || expected.digest !== actual.digest);
  const grown = mayGrow ? differing.filter((chunk) => isGrownTail(table, chunk)) : [];
  const damaged = differing.filter((chunk) => !grown.includes(chunk));
  const rows = reading.rows ?? sum(reading.chunks) + reading.above;
  const countDiffers = !mayGrow && (reading.above > 0 || (reading.rows ?? table.rows) !== table.rows);
  const read = `${reading.chunks.length} of ${table.chunks.length} chunks`;
  const base = { damaged, expected: `${counted(table.rows, 'row')}, every chunk as in the manifest` };
  if (damaged.length > 0 || countDiffers) {
    const what = `${counted(rows, 'row')}, ${damaged.length} of ${reading.chunks.length} chunks differ${damaged.length > 0 ? `: ${names(damaged)}` : ', but the count does'}`;
    if (rules.isExact || mayGrow) return { ...base, verdict: 'fail', actual: what };
    return {
      ...base,
      verdict: 'inconclusive',
      actual: `${what}; the manifest was taken while the source was written`,
    };
  }
  if (grown.length > 0)
    return {
      ...base,
      verdict: 'pass',
      actual: `${counted(rows, 'row')}, ${read} read; the last one has grown since`,
    };
  const above = reading.above > 0 ? `, ${counted(reading.above, 'row')} newer than the watermark` : '';
  return { ...base, verdict: 'pass', actual: `${counted(rows, 'row')}, ${read} identical${above}` };
}

// Without the very instant of the backup, a table that changes can be plausible, and no more.
function judgeMutable(table: ManifestTable, { rows }: TableReading, tolerancePct: number): TableVerdict {
  const margin = Math.ceil((table.rows * tolerancePct) / 100);
  const actual = rows ?? 0;
  const isPlausible = Math.abs(actual - table.rows) <= margin && (actual > 0 || table.rows === 0);
  return {
    verdict: isPlausible ? 'pass' : 'fail',
    damaged: [],
    expected: `${counted(table.rows, 'row')}, ± ${tolerancePct} %`,
    actual: `${counted(actual, 'row')}${isPlausible ? ', plausible (a table that changes is never called identical)' : ''}`,
  };
}

// Rows that were committed late may lie below the watermark, in its last chunk; there they may come, but not go.
function isGrownTail(table: ManifestTable, { index, expected, actual }: DamagedChunk): boolean {
  return index === table.chunks.length - 1 && actual.rows > expected.rows;
}

function chunkOf(table: ManifestTable, index: number): ChunkDigest {
  const chunk = table.chunks[index];
  if (chunk === undefined) throw new RangeError(`the manifest has no chunk ${index}`);
  return { rows: chunk.rows, digest: chunk.digest };
}

function sum(chunks: readonly ReadChunk[]): number {
  return chunks.reduce((total, chunk) => total + chunk.rows, 0);
}

const MOST_NAMED = 5;

function names(damaged: readonly DamagedChunk[]): string {
  const shown = damaged.slice(0, MOST_NAMED).map(({ index }) => `${index + 1}`);
  const more = damaged.length > MOST_NAMED ? ` and ${damaged.length - MOST_NAMED} more` : '';
  return `chunk ${shown.join(', ')}${more}`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** `1 row`, `8,000 rows`. */
export function counted(value: number, thing: string): string {
  return `${count(value)} ${thing}${value === 1 ? '' : 's'}`;
}
