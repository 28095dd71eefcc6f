/** Walks into one document that is too large to parse whole and takes its records out, with what they belong to. */
import type { BatchSink } from './batch.js';
import type { Container } from './containers.js';
import { createHold, type Hold } from './hold.js';
import { MAX_CONTEXT_BYTES, MAX_RECORD_BYTES, noRecords, tooLarge, truncated } from './limits.js';
import { createValueScanner } from './value-scanner.js';
import { contextAt } from './walk-context.js';
import { createFrames, type Frames } from './walk-frames.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

export interface DocumentWalker {
  /** The index after the document's end, or -1 when it goes on. `base` is the file offset of `bytes[0]`. */
  push(bytes: Buffer, base: number): Promise<number>;
  /** The input ended: says so when the document had not. */
  end(): Promise<void>;
}

export function createDocumentWalker(file: string, container: Container, sink: BatchSink): DocumentWalker {
  return new Walker(file, container, sink);
}

/** What the value under the scanner is: a member's name, a record, something beside the records, or too long. */
type Capture = 'key' | 'record' | 'member' | 'skip';

class Walker implements DocumentWalker {
  readonly #scanner = createValueScanner();
  readonly #frames: Frames;
  readonly #hold: Hold | null;
  readonly #file: string;
  readonly #sink: BatchSink;
  #capture: Capture | null = null;
  #captureStart = 0;
  #scanned = 0;
  #isValueNext = false;
  #pending: Buffer = Buffer.alloc(0);
  #bytes: Buffer = this.#pending;
  #base = 0;
  #spans: number[] = [];
  #documentAt: number | null = null;
  #hasList = false;

  constructor(file: string, container: Container, sink: BatchSink) {
    this.#file = file;
    this.#sink = sink;
    this.#frames = createFrames(container);
    this.#hold = container.trailing ? createHold() : null;
  }

  async push(chunk: Buffer, base: number): Promise<number> {
    this.#documentAt ??= base;
    const carried = this.#pending.length;
    this.#bytes = carried === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#base = base - carried;
    let at = this.#capture === null ? carried : this.#scanned;
    while (at < this.#bytes.length) {
      at = this.#capture === null ? await this.#step(at) : this.#finishCapture(at);
      if (at === -1) break;
      if (this.#frames.depth() === 0) {
        await this.#flush();
        await this.#replay();
        if (!this.#hasList) this.#sink.problem(noRecords(this.#file, this.#documentAt));
        return at - carried;
      }
    }
    const kept = this.#keepCapture();
    await this.#flush();
    this.#pending = kept;
    return -1;
  }

  async end(): Promise<void> {
    this.#sink.problem(truncated(this.#file, this.#base + this.#captureStart));
    await this.#replay();
  }

  /** One structural byte, or the beginning of a captured value. */
  async #step(at: number): Promise<number> {
    const byte = this.#bytes[at] ?? 0;
    if (byte <= 0x20 || byte === COMMA) return at + 1;
    if (byte === COLON) {
      this.#isValueNext = true;
      return at + 1;
    }
    if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (this.#frames.isRecordArray()) await this.#flush();
      this.#frames.leave();
      return at + 1;
    }
    if (this.#frames.depth() > 0 && !this.#frames.isInArray() && !this.#isValueNext) {
      if (byte !== QUOTE) return at + 1;
      return this.#begin('key', byte, at);
    }
    return this.#beginValue(byte, at);
  }

  #beginValue(byte: number, at: number): number {
    this.#isValueNext = false;
    this.#frames.nextElement();
    const opens = byte === OPEN_BRACE ? 'object' : byte === OPEN_BRACKET ? 'array' : null;
    const place = this.#frames.placeOf(opens);
    if (place !== 'enter') return this.#begin(place, byte, at);
    this.#frames.enter(opens === 'array');
    this.#hasList ||= this.#frames.isRecordArray();
    return at + 1;
  }

  #begin(kind: Capture, byte: number, at: number): number {
    this.#capture = kind;
    this.#captureStart = at;
    this.#scanned = at;
    this.#scanner.begin(byte);
    return at;
  }

  #finishCapture(at: number): number {
    const end = this.#scanner.scan(this.#bytes, at, this.#bytes.length);
    if (end === -1) return -1;
    const [kind, start] = [this.#capture, this.#captureStart];
    this.#capture = null;
    if (kind === 'record') this.#spans.push(start, end);
    else if (kind === 'key') this.#frames.setKey(parseKey(this.#bytes.toString('utf8', start, end)));
    else if (kind === 'member' && end - start <= MAX_CONTEXT_BYTES)
      this.#frames.keepMember(this.#bytes.toString('utf8', start, end));
    // A byte that is no value at all must not hold the walk up.
    return Math.max(end, start + 1);
  }

  /** The unfinished value, to go on with; nothing of one that is too long. */
  #keepCapture(): Buffer {
    if (this.#capture === null) return Buffer.alloc(0);
    const start = this.#captureStart;
    if (this.#bytes.length - start > MAX_RECORD_BYTES && this.#capture !== 'skip') {
      if (this.#capture === 'record') this.#sink.problem(tooLarge(this.#file, this.#base + start));
      this.#capture = 'skip';
    }
    const kept = this.#capture === 'skip' ? Buffer.alloc(0) : Buffer.from(this.#bytes.subarray(start));
    this.#captureStart = 0;
    this.#scanned = kept.length;
    return kept;
  }

  async #flush(): Promise<void> {
    if (this.#spans.length === 0) return;
    const spans = this.#spans;
    this.#spans = [];
    const path = this.#frames.arrayPath();
    if (this.#hold !== null) return this.#hold.add(path, this.#bytes, this.#base, spans);
    await this.#sink.batch({
      file: this.#file,
      base: this.#base,
      bytes: Buffer.from(this.#bytes),
      spans,
      context: contextAt(this.#frames.root, path),
    });
  }

  async #replay(): Promise<void> {
    await this.#hold?.replay(this.#file, this.#sink, (path) => contextAt(this.#frames.root, path));
  }
}

function parseKey(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return '';
  }
}
