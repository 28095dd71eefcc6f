/** The log of one attempt on its way to the server: numbered, kept on disk until it is taken, bounded. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { RocError } from '../kernel/errors.js';
import { isoTime } from '../kernel/time.js';
import type { BodyOf } from '../protocol/contracts.js';
import { createWakeUp } from './wake-up.js';

export type LogLine = BodyOf<'runner.logs'>['lines'][number];
export type LogStream = LogLine['stream'];

export interface JobLog {
  /** Adds lines; they are in the file when this returns. */
  add(stream: LogStream, texts: readonly string[], at: number): void;
  /** Resolves when there is room for more: at once, unless the server is far behind. */
  room(): Promise<void>;
  /** From now on there is always room: the robot has ended, and what its pipes still hold is little. */
  release(): void;
  /** No line will come any more. */
  finish(): void;
  /**
   * The next lines to send, or an empty list; the same until {@link taken}.
   * @throws RocError ROC_DATA_DIR_UNUSABLE where something else has cut the file
   */
  next(): readonly LogLine[];
  /** The lines of the last {@link next} are at the server. */
  taken(): void;
  /** Resolves when there is something to send or nothing will come any more. */
  changed(): Promise<void>;
  /** Whether a whole request's worth waits to be sent. */
  readonly isBehind: boolean;
  /** Aborts when no line will come any more. */
  readonly finished: AbortSignal;
  /** Lines that could not be kept because the disk refused them. */
  readonly dropped: number;
  /** Ends it and takes its file away, or leaves that for the next agent. */
  close(keepFile: boolean): void;
}

export interface JobLogLimits {
  /** Bytes on disk above which the robot's pipes are left unread. */
  readonly fileBytes: number;
  /** Lines and bytes of one request; the server takes 500 lines and 2 MiB. */
  readonly batchLines: number;
  readonly batchBytes: number;
}

export const DEFAULT_LOG_LIMITS = {
  fileBytes: 64 * 1024 * 1024,
  batchLines: 500,
  batchBytes: 768 * 1024,
} as const satisfies JobLogLimits;

const NEWLINE = 0x0a;
/** A line of 8192 units, each as a six byte escape, with its number and time. */
const MAX_LINE_BYTES = 64 * 1024;

/**
 * A log on the file at `path`. One that exists already, of an agent that died, is sent again from its start: the
 * server knows by their numbers which lines it has.
 */
export function openJobLog(path: string, limits: JobLogLimits = DEFAULT_LOG_LIMITS): JobLog {
  const file = openSync(path, 'a+', 0o600);
  let size = wholeLines(file);
  let sent = 0;
  let pending: { lines: readonly LogLine[]; end: number } = { lines: [], end: 0 };
  let seq = 0;
  let dropped = 0;
  let isReleased = false;
  const over = new AbortController();
  let isClosed = false;
  const hasRoom = createWakeUp();
  const hasNews = createWakeUp();

  const log: JobLog = {
    add(stream, texts, at) {
      if (isClosed || texts.length === 0) return;
      const lines = texts.map((text, index) => {
        const line = { seq: seq + index + 1, at: isoTime(at), stream, text } satisfies LogLine;
        return `${JSON.stringify(line)}\n`;
      });
      try {
        size += append(file, Buffer.from(lines.join('')), size);
        seq += lines.length;
        hasNews.ring();
      } catch {
        // A full disk must not end the robot; a number is only used up by a line that is kept.
        dropped += lines.length;
      }
    },
    async room() {
      while (!isReleased && !isClosed && size >= limits.fileBytes) await hasRoom.next();
    },
    release() {
      isReleased = true;
      hasRoom.ring();
    },
    finish() {
      over.abort();
      hasNews.ring();
    },
    next() {
      if (pending.lines.length === 0 && !isClosed) pending = readBatch(file, sent, size, limits);
      return pending.lines;
    },
    taken() {
      sent = pending.end;
      pending = { lines: [], end: sent };
      if (sent < size || isClosed) return;
      ftruncateSync(file, 0);
      size = 0;
      sent = 0;
      hasRoom.ring();
    },
    async changed() {
      while (!over.signal.aborted && !isClosed && sent === size) await hasNews.next();
    },
    get isBehind() {
      return size - sent >= limits.batchBytes;
    },
    finished: over.signal,
    get dropped() {
      return dropped;
    },
    close(keepFile) {
      if (isClosed) return;
      isClosed = true;
      over.abort();
      closeSync(file);
      if (!keepFile) rmSync(path, { force: true });
      hasRoom.ring();
      hasNews.ring();
    },
  };
  return log;
}

/** Writes all of it or nothing. */
function append(file: number, bytes: Buffer, size: number): number {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    return bytes.length;
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}

function readBatch(file: number, start: number, end: number, limits: JobLogLimits) {
  const buffer = Buffer.allocUnsafe(Math.min(limits.batchBytes, end - start));
  const filled = readSync(file, buffer, 0, buffer.length, start);
  const lines: LogLine[] = [];
  let at = 0;
  while (lines.length < limits.batchLines) {
    const next = buffer.subarray(at, filled).indexOf(NEWLINE);
    if (next < 0) break;
    lines.push(JSON.parse(buffer.toString('utf8', at, at + next)) as LogLine);
    at += next + 1;
  }
  // Whoever asked again because there is something to send would ask for ever.
  if (lines.length === 0 && start < end) throw changedUnderneath();
  return { lines, end: start + at };
}

function changedUnderneath(): RocError {
  return new RocError('ROC_DATA_DIR_UNUSABLE', 'the log of a job does not hold the lines that were written', {
    hint: 'Something else changes the files in the state folder of the runner; find and stop it.',
  });
}

/** The length of a file up to its last whole line; half a line that a killed agent wrote is cut off. */
function wholeLines(file: number): number {
  const { size } = fstatSync(file);
  const tail = Buffer.allocUnsafe(Math.min(size, MAX_LINE_BYTES));
  const filled = readSync(file, tail, 0, tail.length, size - tail.length);
  const whole = size - filled + tail.subarray(0, filled).lastIndexOf(NEWLINE) + 1;
  if (whole < size) ftruncateSync(file, whole);
  return whole;
}
