/** The content of one zip entry, inflated as it is read, with its local header and its end checked against the list. */
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib';
import { parseExtraFields } from 'yauzl';
import { invalidPackage } from './invalid-package.js';
import { type RandomAccess, readRange } from './source.js';
import { FLAG_DESCRIPTOR, LOCAL_HEADER_BYTES, refuseExtras, type ZipRecord } from './zip-directory.js';

const LOCAL_SIGNATURE = 0x04034b50;
const DESCRIPTOR_SIGNATURE = 0x08074b50;
const PIECE_BYTES = 256 * 1024;

/**
 * The file's bytes in pieces. It is whole and true only when the iteration ended without an error.
 * @throws RocError ROC_PACKAGE_INVALID
 */
export async function* readZipContent(
  source: RandomAccess,
  record: ZipRecord,
): AsyncGenerator<Buffer, void, undefined> {
  const start = await checkLocalHeader(source, record);
  let checksum = 0;
  let size = 0;
  for await (const piece of inflated(source, record, start)) {
    size += piece.length;
    if (size > record.size) throw mismatch(record, 'it holds more bytes than it says');
    checksum = crc32(piece, checksum);
    yield piece;
  }
  if (size !== record.size) throw mismatch(record, 'it holds fewer bytes than it says');
  if (checksum !== record.crc32) throw mismatch(record, 'its checksum does not match');
  await checkDescriptor(source, record, start + record.compressedBytes);
}

function inflated(source: RandomAccess, record: ZipRecord, start: number): AsyncIterable<Buffer> {
  if (record.method === 0) return readRange(source, start, record.compressedBytes);
  const isSmall = record.size <= PIECE_BYTES && record.compressedBytes <= PIECE_BYTES;
  return isSmall ? inflateAtOnce(source, record, start) : inflateStream(source, record, start);
}

/** A package may have thousands of small files: a stream for each would cost more than inflating it. */
async function* inflateAtOnce(source: RandomAccess, record: ZipRecord, start: number) {
  const compressed = await source.read(start, record.compressedBytes);
  let result: { buffer: Buffer; engine: InflateRaw };
  try {
    const options = { maxOutputLength: Math.max(record.size, 1), info: true };
    // With `info` the result is an object, which @types/node does not know.
    result = inflateRawSync(compressed, options) as unknown as typeof result;
  } catch (error) {
    throw inflateProblem(record, error);
  }
  assertConsumed(record, result.engine);
  if (result.buffer.length > 0) yield result.buffer;
}

async function* inflateStream(source: RandomAccess, record: ZipRecord, start: number) {
  const engine = createInflateRaw({ chunkSize: PIECE_BYTES });
  const feeding = pipeline(readRange(source, start, record.compressedBytes), engine, {
    end: true,
  });
  feeding.catch(() => {});
  try {
    for await (const piece of engine) yield piece as Buffer;
    await feeding;
  } catch (error) {
    throw inflateProblem(record, error);
  } finally {
    engine.destroy();
  }
  assertConsumed(record, engine);
}

function assertConsumed(record: ZipRecord, engine: InflateRaw): void {
  if (engine.bytesWritten !== record.compressedBytes)
    throw mismatch(record, 'there are bytes after the end of its compressed data');
}

function inflateProblem(record: ZipRecord, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_BUFFER_TOO_LARGE') return mismatch(record, 'it holds more bytes than it says');
  return code.startsWith('Z_') ? mismatch(record, 'its compressed data is damaged', error) : error;
}

/** @returns where the data starts */
async function checkLocalHeader(source: RandomAccess, record: ZipRecord): Promise<number> {
  const nameEnd = LOCAL_HEADER_BYTES + record.nameBytes.length;
  const header = await source.read(record.headerOffset, nameEnd);
  if (header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw mismatch(record, 'it has no local header');
  const flags = header.readUInt16LE(6);
  const extraBytes = header.readUInt16LE(28);
  const hasDescriptor = (flags & FLAG_DESCRIPTOR) !== 0;
  const isSame =
    flags === record.flags &&
    header.readUInt16LE(8) === record.method &&
    header.readUInt16LE(26) === record.nameBytes.length &&
    header.subarray(LOCAL_HEADER_BYTES, nameEnd).equals(record.nameBytes) &&
    isSameOrDeferred(header.readUInt32LE(14), record.crc32, hasDescriptor) &&
    isSameOrDeferred(header.readUInt32LE(18), record.compressedBytes, hasDescriptor) &&
    isSameOrDeferred(header.readUInt32LE(22), record.size, hasDescriptor);
  if (!isSame) throw mismatch(record, 'its local header and the list of entries disagree');
  const start = record.headerOffset + nameEnd + extraBytes;
  if (start + record.compressedBytes > record.endOffset)
    throw mismatch(record, 'it overlaps with the next entry');
  const gap = record.endOffset - start - record.compressedBytes;
  if (hasDescriptor ? gap !== 12 && gap !== 16 : gap !== 0)
    throw mismatch(record, 'there are bytes that belong to no entry after it');
  if (extraBytes > 0)
    refuseExtras(extras(record, await source.read(record.headerOffset + nameEnd, extraBytes)), record.name);
  return start;
}

function isSameOrDeferred(local: number, listed: number, hasDescriptor: boolean): boolean {
  return local === listed || (hasDescriptor && local === 0);
}

function extras(record: ZipRecord, bytes: Buffer): readonly { readonly id: number }[] {
  try {
    return parseExtraFields(bytes);
  } catch (error) {
    throw mismatch(record, 'its extra fields are malformed', error);
  }
}

async function checkDescriptor(source: RandomAccess, record: ZipRecord, offset: number): Promise<void> {
  if ((record.flags & FLAG_DESCRIPTOR) === 0) return;
  const bytes = await source.read(offset, record.endOffset - offset);
  const fields = bytes.length === 16 ? 4 : 0;
  const isSame =
    (fields === 0 || bytes.readUInt32LE(0) === DESCRIPTOR_SIGNATURE) &&
    bytes.readUInt32LE(fields) === record.crc32 &&
    bytes.readUInt32LE(fields + 4) === record.compressedBytes &&
    bytes.readUInt32LE(fields + 8) === record.size;
  if (!isSame) throw mismatch(record, 'its data descriptor and the list of entries disagree');
}

function mismatch(record: ZipRecord, reason: string, cause?: unknown) {
  return invalidPackage(reason, { entry: record.name, cause });
}
