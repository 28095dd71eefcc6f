/** JSON values in a row, or the elements of one array; a document too large to hold is walked instead. */
import type { BatchSink } from './batch.js';
import { type Container, containerOf } from './containers.js';
import { tooLarge, truncated } from './limits.js';
import type { Slicer } from './slice.js';
import { createValueScanner } from './value-scanner.js';
import { createDocumentWalker, type DocumentWalker } from './walk.js';

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const HEAD_BYTES = 64 * 1024;

export function createValueSlicer(file: string, sink: BatchSink): Slicer {
  const scanner = createValueScanner();
  /** Bytes from the start of the unfinished value on; `base` is the offset of `bytes[0]`. */
  let bytes: Buffer = Buffer.alloc(0);
  let base = 0;
  let isInValue = false;
  let scanned = 0;
  let container: Container | null = null;
  let walker: DocumentWalker | null = null;
  let isSkipping = false;

  async function push(chunk: Buffer): Promise<void> {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const spans: number[] = [];
    let at = 0;
    while (at < bytes.length) {
      const next = walker === null ? takeValue(at, spans) : await walk(walker, at);
      if (next === -1) break;
      at = next;
    }
    await settle(spans, at);
  }

  /** Finds the next value, or goes on with the unfinished one at `at`; -1 when more bytes are needed. */
  function takeValue(at: number, spans: number[]): number {
    let start = at;
    if (!isInValue) {
      while (start < bytes.length && isBetween(bytes[start] ?? 0)) start++;
      if (start === bytes.length) return start;
      const first = bytes[start] ?? 0;
      if (first === OPEN_BRACKET || first === CLOSE_BRACKET) return start + 1;
      scanner.begin(first);
      isInValue = true;
      scanned = start;
    }
    const end = scanner.scan(bytes, scanned, bytes.length);
    if (end === -1) {
      scanned = bytes.length;
      keepFrom = start;
      return -1;
    }
    isInValue = false;
    // A scalar that ends at once is a stray byte: it is passed on as its own record, so that it is reported.
    const stop = Math.max(end, start + 1);
    if (!isSkipping) spans.push(start, stop);
    isSkipping = false;
    container = null;
    return stop;
  }

  let keepFrom = 0;

  async function settle(spans: number[], at: number): Promise<void> {
    const from = isInValue && walker === null ? keepFrom : at;
    const held = bytes;
    const heldBase = base;
    bytes = Buffer.from(held.subarray(from));
    base = heldBase + from;
    scanned -= from;
    keepFrom = 0;
    if (spans.length > 0) await sink.batch({ file, base: heldBase, bytes: held, spans, context: null });
    if (isInValue && walker === null) await boundValue();
  }

  /** An unfinished value that has grown too long is walked if it is an object, else passed over. */
  async function boundValue(): Promise<void> {
    if (isSkipping) {
      base += bytes.length;
      bytes = Buffer.alloc(0);
      scanned = 0;
      return;
    }
    if (bytes.length < HEAD_BYTES) return;
    container ??= containerOf(bytes.toString('latin1', 0, HEAD_BYTES));
    if (bytes.length < container.wholeBelow) return;
    if (bytes[0] === OPEN_BRACE) {
      isInValue = false;
      walker = createDocumentWalker(file, container, sink);
      const end = await walk(walker, 0);
      const used = end === -1 ? bytes.length : end;
      base += used;
      bytes = Buffer.from(bytes.subarray(used));
      return;
    }
    sink.problem(tooLarge(file, base));
    isSkipping = true;
  }

  async function walk(active: DocumentWalker, at: number): Promise<number> {
    const end = await active.push(bytes.subarray(at), base + at);
    if (end === -1) return bytes.length;
    walker = null;
    container = null;
    return at + end;
  }

  async function end(): Promise<void> {
    if (walker !== null) return walker.end();
    if (!isInValue || isSkipping) return;
    if (bytes[0] === OPEN_BRACE) {
      // What is whole inside a document that was cut off is worth reading.
      const rest = createDocumentWalker(file, containerOf(bytes.toString('latin1', 0, HEAD_BYTES)), sink);
      if ((await rest.push(bytes, base)) === -1) await rest.end();
    } else sink.problem(truncated(file, base));
  }

  return { push, end };
}

function isBetween(byte: number): boolean {
  return byte <= 0x20 || byte === COMMA;
}
