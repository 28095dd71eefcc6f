/** Writes zips field by field, so that a test can tell any lie a format allows. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface RawEntry {
  readonly name: string | Buffer;
  /** What the entry holds; the lies below are told about it. */
  readonly content?: string | Buffer;
  /** 8 by default. */
  readonly method?: number;
  /** The bytes stored, where they are not the deflated or plain content. */
  readonly compressed?: Buffer;
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly compressedSize?: number;
  readonly madeBy?: number;
  readonly attributes?: number;
  readonly extra?: Buffer;
  readonly comment?: string;
  /** What the local header says otherwise. */
  readonly local?: {
    readonly name?: string | Buffer;
    readonly method?: number;
    readonly flags?: number;
    readonly crc?: number;
    readonly size?: number;
    readonly compressedSize?: number;
    readonly extra?: Buffer;
  };
  /** After the data. */
  readonly trailer?: Buffer;
  /** Where the list of entries says that it begins. */
  readonly offset?: number;
  /** Only in the list of entries, with no bytes of its own. */
  readonly isListedOnly?: boolean;
}

export interface RawZip {
  readonly entries: readonly RawEntry[];
  readonly prefix?: Buffer;
  /** Between the last entry and the list of entries. */
  readonly gap?: Buffer;
  /** Between the list of entries and the end record: where zip64 puts its own. */
  readonly beforeEnd?: (directoryOffset: number, directoryBytes: number) => Buffer;
  readonly comment?: Buffer;
  readonly suffix?: Buffer;
  readonly end?: {
    readonly disk?: number;
    readonly entriesHere?: number;
    readonly entries?: number;
    readonly directoryBytes?: number;
    readonly directoryOffset?: number;
  };
}

const UTF8 = 1 << 11;
export const DESCRIPTOR = 1 << 3;
const UNIX = 3 << 8;

export function rawZip({ entries, prefix, gap, beforeEnd, comment, suffix, end = {} }: RawZip): Buffer {
  const parts: Buffer[] = prefix ? [prefix] : [];
  let at = prefix?.length ?? 0;
  const push = (bytes: Buffer) => {
    parts.push(bytes);
    at += bytes.length;
  };
  const directory = entries.map((entry) => {
    const facts = factsOf(entry);
    const offset = entry.offset ?? at;
    if (!entry.isListedOnly) {
      push(localHeader(entry, facts));
      push(facts.data);
      if (entry.trailer) push(entry.trailer);
    }
    return centralHeader(entry, facts, offset);
  });
  if (gap) push(gap);
  const directoryOffset = at;
  for (const header of directory) push(header);
  const directoryBytes = at - directoryOffset;
  if (beforeEnd) push(beforeEnd(directoryOffset, directoryBytes));
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(end.disk ?? 0, 4);
  record.writeUInt16LE((end.entriesHere ?? end.entries ?? entries.length) & 0xffff, 8);
  record.writeUInt16LE((end.entries ?? entries.length) & 0xffff, 10);
  record.writeUInt32LE(end.directoryBytes ?? directoryBytes, 12);
  record.writeUInt32LE(end.directoryOffset ?? directoryOffset, 16);
  record.writeUInt16LE(comment?.length ?? 0, 20);
  push(record);
  if (comment) push(comment);
  if (suffix) push(suffix);
  return Buffer.concat(parts);
}

/** An honest data descriptor of a content, with or without its signature. */
export function descriptorOf(content: string | Buffer, isSigned = true, change: Partial<Facts> = {}): Buffer {
  const { crc, compressedSize, size } = { ...factsOf({ name: '', content }), ...change };
  const fields = Buffer.alloc(12);
  fields.writeUInt32LE(crc, 0);
  fields.writeUInt32LE(compressedSize, 4);
  fields.writeUInt32LE(size, 8);
  return isSigned ? Buffer.concat([Buffer.from('504b0708', 'hex'), fields]) : fields;
}

/** One extra field. */
export function extraField(id: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data]);
}

/** External attributes of a Unix mode. */
export function unixMode(mode: number): number {
  return (mode << 16) >>> 0;
}

interface Facts {
  readonly name: Buffer;
  readonly data: Buffer;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly size: number;
  readonly compressedSize: number;
}

function factsOf(entry: RawEntry): Facts {
  const name = Buffer.from(entry.name);
  const content = Buffer.from(entry.content ?? '');
  const method = entry.method ?? (content.length === 0 ? 0 : 8);
  const data = entry.compressed ?? (method === 8 ? deflateRawSync(content) : content);
  return {
    name,
    data,
    method,
    flags: entry.flags ?? (name.some((byte) => byte > 0x7f) ? UTF8 : 0),
    crc: entry.crc ?? crc32(content),
    size: entry.size ?? content.length,
    compressedSize: entry.compressedSize ?? data.length,
  };
}

function localHeader({ local = {} }: RawEntry, facts: Facts): Buffer {
  const name = local.name === undefined ? facts.name : Buffer.from(local.name);
  const extra = local.extra ?? Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(local.flags ?? facts.flags, 6);
  header.writeUInt16LE(local.method ?? facts.method, 8);
  header.writeUInt16LE(0x21, 12);
  header.writeUInt32LE(local.crc ?? facts.crc, 14);
  header.writeUInt32LE(local.compressedSize ?? facts.compressedSize, 18);
  header.writeUInt32LE(local.size ?? facts.size, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

function centralHeader(entry: RawEntry, facts: Facts, offset: number): Buffer {
  const extra = entry.extra ?? Buffer.alloc(0);
  const comment = Buffer.from(entry.comment ?? '');
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE((entry.madeBy ?? UNIX) | 20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(facts.flags, 8);
  header.writeUInt16LE(facts.method, 10);
  header.writeUInt16LE(0x21, 14);
  header.writeUInt32LE(facts.crc, 16);
  header.writeUInt32LE(facts.compressedSize, 20);
  header.writeUInt32LE(facts.size, 24);
  header.writeUInt16LE(facts.name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt16LE(comment.length, 32);
  const isFolder = facts.name.at(-1) === 0x2f;
  header.writeUInt32LE(entry.attributes ?? unixMode(isFolder ? 0o040755 : 0o100644), 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, facts.name, extra, comment]);
}
