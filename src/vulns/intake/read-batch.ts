/** From bytes to observations: parses each record, finds its format, and reports what it cannot read. */
import { isAscii, isUtf8 } from 'node:buffer';
import type { Adapter, DropReason, ReadContext } from '../adapters/adapter.js';
import { ADAPTERS } from '../adapters/all.js';
import { isObject, type JsonObject } from '../adapters/json.js';
import type { Coverage, Observation, Problem } from '../model.js';
import type { Batch } from './batch.js';
import { findOddKeys } from './odd-keys.js';
import { unwrap } from './unwrap.js';

export interface RecordSink {
  observation(observation: Observation): void;
  coverage(coverage: Coverage): void;
  drop(reason: DropReason): void;
  problem(problem: Problem): void;
  record(): void;
}

export interface BatchReader {
  read(batch: Batch): void;
}

/** @param checkKeys also look for duplicate member names, which costs as much as parsing */
export function createBatchReader(sink: RecordSink, options: { checkKeys: boolean }): BatchReader {
  let file = '';
  let offset = 0;
  let last: Adapter | undefined;
  /** The file whose text is being passed over: prose between or instead of records is one problem, not one a word. */
  let strayFile: string | null = null;

  const context: ReadContext & { file: string } = {
    file: '',
    emit: (observation) => sink.observation(observation),
    cover: (coverage) => sink.coverage(coverage),
    drop: (reason) => sink.drop(reason),
    problem,
  };

  function problem(kind: Problem['kind'], message: string, skipped: boolean): void {
    sink.problem({ kind, file, offset, message, skipped });
  }

  function read(batch: Batch): void {
    file = batch.file;
    context.file = file;
    const skeleton = batch.context === null ? null : parseSkeleton(batch.context);
    // One look at the whole batch, so that ordinary records pay nothing for the search.
    const isOdd = options.checkKeys || mayBeForbidden(batch.bytes);
    const isPlain = isAscii(batch.bytes);
    const readSpan = (start: number, end: number): void => {
      offset = batch.base + start;
      const value = parse(batch.bytes, start, end, { isOdd, isPlain });
      if (value === FAILED) return;
      if (skeleton === null) readDocument(value);
      else if (value === null) problem('null-record', 'the record is null', true);
      else readRecord(skeleton, value);
    };
    if (batch.spans === null) eachLine(batch.bytes, readSpan);
    else
      for (let i = 0; i < batch.spans.length; i += 2) readSpan(batch.spans[i] ?? 0, batch.spans[i + 1] ?? 0);
  }

  function parse(bytes: Buffer, start: number, end: number, { isOdd, isPlain }: Look): unknown {
    if (!isPlain && !isUtf8(bytes.subarray(start, end)))
      problem('encoding', 'not valid UTF-8; read with replacement characters', false);
    const text = bytes.toString(isPlain ? 'latin1' : 'utf8', start, end);
    try {
      const value: unknown = JSON.parse(text);
      if (isProse(value)) return FAILED;
      strayFile = null;
      if (isOdd) for (const odd of findOddKeys(text)) problem(odd.kind, odd.message, false);
      return value;
    } catch (error) {
      if (!salvage(text, bytes, start)) refuse(bytes[start] !== OPEN_BRACE, error);
      return FAILED;
    }
  }

  /** Numbers and words of prose are JSON by chance. */
  function isProse(value: unknown): boolean {
    return strayFile === file && !(value instanceof Object);
  }

  function refuse(isStray: boolean, error: unknown): void {
    const isToldAlready = isStray && strayFile === file;
    strayFile = isStray ? file : null;
    if (isToldAlready) return;
    problem('malformed', isStray ? 'text that is no JSON' : `not JSON: ${firstLine(error)}`, true);
  }

  /** A broken object may have swallowed the lines after it: those that are whole objects are read. */
  function salvage(text: string, bytes: Buffer, start: number): boolean {
    if (!text.includes('\n') || !text.includes('{')) return false;
    const values: unknown[] = [];
    for (const line of text.split('\n')) {
      const trimmed = line.trim().replace(/,$/, '');
      if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) continue;
      const value = tryParse(trimmed);
      if (isObject(value)) values.push(value);
    }
    if (values.length === 0) return false;
    offset += bytes.length === 0 ? start : 0;
    problem('malformed', `not JSON; ${values.length} whole lines inside it were read`, true);
    for (const value of values) readDocument(value);
    return true;
  }

  function readDocument(value: unknown): void {
    if (Array.isArray(value)) {
      for (const item of value) readDocument(item);
      return;
    }
    if (value === null) {
      problem('null-record', 'the record is null', true);
      return;
    }
    if (!isObject(value)) {
      problem('malformed', `expected an object, found a ${typeof value}`, true);
      return;
    }
    const adapter = find(value);
    if (adapter !== undefined) {
      deliver(adapter, value);
      return;
    }
    const inner = unwrap(value);
    if (inner === null) problem('unknown-format', `no known format; its keys are ${keysText(value)}`, true);
    else for (const item of inner) readDocument(item);
  }

  function readRecord(skeleton: Skeleton, value: unknown): void {
    skeleton.records[0] = value;
    const adapter = find(skeleton.document);
    if (adapter !== undefined) deliver(adapter, skeleton.document);
    else readDocument(value);
  }

  function deliver(adapter: Adapter, document: JsonObject): void {
    sink.record();
    adapter.read(document, context);
  }

  function find(document: JsonObject): Adapter | undefined {
    if (last?.matches(document) !== true) last = ADAPTERS.find((adapter) => adapter.matches(document));
    return last;
  }

  return { read };
}

/** What one look at a whole batch has told, so that its records need not be looked at one by one. */
interface Look {
  /** Member names are to be looked at. */
  readonly isOdd: boolean;
  /** Every byte is ASCII. */
  readonly isPlain: boolean;
}

const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;

function mayBeForbidden(bytes: Buffer): boolean {
  return bytes.includes('__proto__') || (bytes.includes(BACKSLASH) && bytes.includes('\\u005f'));
}

const FAILED = Symbol('failed');

interface Skeleton {
  readonly document: JsonObject;
  readonly records: unknown[];
}

function parseSkeleton({ before, after, path }: NonNullable<Batch['context']>): Skeleton | null {
  const document = tryParse(before + after);
  let at: unknown = document;
  for (const step of path)
    at = isObject(at) || Array.isArray(at) ? (at as JsonObject)[String(step)] : undefined;
  return isObject(document) && Array.isArray(at) ? { document, records: at } : null;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function eachLine(bytes: Buffer, read: (start: number, end: number) => void): void {
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found;
    if (!isBlank(bytes, start, end)) read(start, end);
    start = end + 1;
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) > 0x20) return false;
  return true;
}

function keysText(value: JsonObject): string {
  return Object.keys(value).slice(0, 5).join(', ').slice(0, 120) || 'none';
}

// V8's message quotes the input: only its place is kept.
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return /(?:at|in JSON at) position (\d+)/.exec(message)?.[0] ?? 'it ends too early';
}
