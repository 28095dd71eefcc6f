/** The memory on disk: one gzip file of JSON lines sorted by key, replaced whole, and a journal of runs. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { RocError } from '../../kernel/errors.js';
import { makeFolderSync } from '../../kernel/make-folder.js';
import { PARTITIONS } from '../collect/spool.js';
import { readFully, type ScratchFiles, writeScratch } from '../scratch-files.js';
import type { Track, TrackSegment, TrackStore } from './track.js';

/** Where each partition's part of the state file lies: offset and length in bytes. */
export type Segment = readonly [number, number];

export interface StoreIndex {
  readonly version: 1;
  readonly run: number;
  readonly state: string;
  readonly segments: readonly Segment[];
  /** Until when each live listing has been read, ISO 8601, by `service account region`. */
  readonly watermarks: Readonly<Record<string, string>>;
}

const EMPTY: StoreIndex = { version: 1, run: 0, state: '', segments: [], watermarks: {} };

/** @throws RocError ROC_BLOB_CORRUPT */
export function readIndex(dir: string): StoreIndex {
  const file = join(dir, 'current.json');
  if (!existsSync(file)) return EMPTY;
  try {
    const index = JSON.parse(readFileSync(file, 'utf8')) as StoreIndex;
    if (index.version !== 1 || index.segments.length !== PARTITIONS) throw new TypeError('unknown version');
    return index;
  } catch (cause) {
    throw new RocError('ROC_BLOB_CORRUPT', `${file} is damaged or of another version`, {
      hint: 'Restore the folder from a copy, or name another folder to begin a new memory.',
      cause,
    });
  }
}

/** Reads the last state and collects the next one in a scratch file; several threads may each hold one. */
export function openTrackStore(dir: string, index: StoreIndex, scratch: ScratchFiles): TrackStore {
  const segments: TrackSegment[] = [];
  let fd: number | null = null;
  let written = 0;
  return {
    read(partition) {
      const [offset, length] = index.segments[partition] ?? [0, 0];
      return length === 0 ? [] : readSegment(join(dir, index.state), offset, length);
    },
    write(partition, tracks) {
      if (tracks.length === 0) return;
      const lines = tracks.map((track) => JSON.stringify(track)).join('\n');
      const bytes = gzipSync(`${lines}\n`, { level: 1 });
      fd ??= scratch.create();
      writeScratch(fd, bytes);
      segments.push({ partition, file: fd, offset: written, length: bytes.length });
      written += bytes.length;
    },
    finish: () => segments,
  };
}

/** Every remembered track, in the order of keys. */
export function* eachTrack(dir: string): Generator<Track> {
  const index = readIndex(dir);
  for (const [offset, length] of index.segments)
    if (length > 0) yield* readSegment(join(dir, index.state), offset, length);
}

function readSegment(file: string, offset: number, length: number): Track[] {
  try {
    const text = gunzipSync(readStretch(file, offset, length)).toString('utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Track);
  } catch (cause) {
    throw new RocError('ROC_BLOB_CORRUPT', `${file} is damaged`, {
      hint: 'Restore the folder from a copy, or name another folder to begin a new memory.',
      cause,
    });
  }
}

function readStretch(file: string, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  const fd = openSync(file, 'r');
  try {
    readFully(fd, bytes, offset);
    return bytes;
  } finally {
    closeSync(fd);
  }
}

export interface RunRecord {
  readonly at: string;
  readonly [fact: string]: unknown;
}

/** Makes the collected state the current one; a crash before the last rename leaves the old one in force. */
export function commitStore(
  dir: string,
  before: StoreIndex,
  next: readonly TrackSegment[],
  watermarks: Readonly<Record<string, string>>,
  record: RunRecord,
): void {
  const run = before.run + 1;
  const state = `state-${run}.jsonl.gz`;
  const segments = joinSegments(join(dir, state), next);
  appendJournal(join(dir, 'runs.jsonl'), { run, ...record });
  const index: StoreIndex = {
    version: 1,
    run,
    state,
    segments,
    watermarks: { ...before.watermarks, ...watermarks },
  };
  const file = join(dir, 'current.json');
  writeDurably(`${file}.tmp`, `${JSON.stringify(index)}\n`);
  renameSync(`${file}.tmp`, file);
  if (before.state !== '') rmSync(join(dir, before.state), { force: true });
}

// Gzip members in a row are one gzip file: zcat reads it whole, roc reads each part alone.
function joinSegments(file: string, next: readonly TrackSegment[]): Segment[] {
  const byPartition = new Map(next.map((segment) => [segment.partition, segment]));
  const fd = openSync(file, 'w', 0o600);
  const segments: Segment[] = [];
  let offset = 0;
  try {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const part = byPartition.get(partition);
      const bytes = Buffer.allocUnsafe(part?.length ?? 0);
      if (part !== undefined) readFully(part.file, bytes, part.offset);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
      segments.push([offset, bytes.length]);
      offset += bytes.length;
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return segments;
}

function appendJournal(file: string, record: object): void {
  const fd = openSync(file, 'a', 0o600);
  try {
    writeSync(fd, `${JSON.stringify(record)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeDurably(file: string, text: string): void {
  const fd = openSync(file, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * One run at a time: the holder's process id stands in the file, and a holder that died does not block.
 * @throws RocError ROC_CONFLICT, ROC_DATA_DIR_UNUSABLE
 */
export function lockStore(dir: string): () => void {
  const file = join(dir, 'lock');
  const unusable = (cause: unknown): RocError =>
    new RocError('ROC_DATA_DIR_UNUSABLE', `${dir} cannot be written`, {
      hint: 'Name a folder for --store that may be written.',
      cause,
    });
  try {
    makeFolderSync(dir, 0o700);
  } catch (cause) {
    throw unusable(cause);
  }
  try {
    if (isStale(file)) rmSync(file, { force: true });
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'EEXIST')
      throw new RocError('ROC_CONFLICT', `another run uses ${dir}`, { hint: 'Wait for it to end.', cause });
    throw unusable(cause);
  }
  return () => rmSync(file, { force: true });
}

function isStale(file: string): boolean {
  if (!existsSync(file)) return false;
  const pid = Number(readFileSync(file, 'utf8'));
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === 'ESRCH';
  }
}
