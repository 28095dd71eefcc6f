/** The list of entries of a zip, through yauzl, with everything refused that a package may not have. */
import { setImmediate } from 'node:timers/promises';
import yauzl, { type Entry, RandomAccessReader } from 'yauzl';
import { checkEntryName, NameRegister } from './entry-names.js';
import { invalidPackage } from './invalid-package.js';
import type { PackageLimits } from './limits.js';
import type { RandomAccess } from './source.js';
import { readZipEnd, type ZipEnd } from './zip-end.js';

export interface ZipRecord {
  /** With a trailing `/` for a folder. */
  readonly name: string;
  readonly nameBytes: Buffer;
  readonly isFolder: boolean;
  readonly mode: 0o644 | 0o755;
  readonly method: 0 | 8;
  readonly flags: number;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly size: number;
  readonly headerOffset: number;
  /** Where the next entry, or the list of entries, begins. */
  readonly endOffset: number;
}

export const FLAG_DESCRIPTOR = 1 << 3;
const FLAG_UTF8 = 1 << 11;
// Bits 1 and 2 say how hard the compressor tried.
const ALLOWED_FLAGS = 0b110 | FLAG_DESCRIPTOR | FLAG_UTF8;
const RECORD_BYTES = 46;
/** Entries that are looked at before others have their turn: a server has one thread for everyone. */
const YIELD_EVERY = 250;
export const LOCAL_HEADER_BYTES = 30;

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
const FILE_TYPES = new Map([
  [0o120000, 'a symbolic link'],
  [0o060000, 'a block device'],
  [0o020000, 'a character device'],
  [0o010000, 'a named pipe'],
  [0o140000, 'a socket'],
]);

// PKWARE Unix and ASi Unix fields can name the target of a link; the Unicode path field gives a second name.
const REFUSED_EXTRAS = new Map([
  [0x0001, 'it uses zip64, which a package never needs'],
  [0x000d, 'it may be a link (PKWARE Unix field)'],
  [0x756e, 'it may be a link (ASi Unix field)'],
  [0x7075, 'it has a second name (Unicode path field)'],
  [0x9901, 'it is encrypted (AES)'],
]);

/** All entries in the order of their bytes. @throws RocError ROC_PACKAGE_INVALID */
export async function readZipDirectory(source: RandomAccess, limits: PackageLimits): Promise<ZipRecord[]> {
  const end = await readZipEnd(source, limits);
  const records: Omit<ZipRecord, 'endOffset'>[] = [];
  const names = new NameRegister(limits.entries);
  let directoryBytes = 0;
  let totalBytes = 0;
  for await (const entry of yauzlEntries(source, end)) {
    const record = recordOf(entry);
    names.add(record.name);
    if (record.size > limits.fileBytes)
      throw invalidPackage(`${record.size} bytes, a file may have ${limits.fileBytes}`, {
        entry: record.name,
      });
    totalBytes += record.size;
    if (totalBytes > limits.totalBytes) throw invalidPackage(`more than ${limits.totalBytes} bytes in all`);
    directoryBytes += RECORD_BYTES + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    records.push(record);
    if (records.length % YIELD_EVERY === 0) await setImmediate();
  }
  if (directoryBytes !== end.directoryBytes)
    throw invalidPackage('its list of entries is longer or shorter than the archive says');
  return tile(records, end);
}

/** Every entry must begin where the one before it ends: no byte belongs to two entries, or to none. */
function tile(records: Omit<ZipRecord, 'endOffset'>[], end: ZipEnd): ZipRecord[] {
  const ordered = records.toSorted((a, b) => a.headerOffset - b.headerOffset);
  if (ordered[0]?.headerOffset !== 0)
    throw invalidPackage('bytes before the first entry', { hint: 'Publish the folder instead of the zip.' });
  return ordered.map((record, i) => {
    const endOffset = ordered[i + 1]?.headerOffset ?? end.directoryOffset;
    if (
      record.headerOffset + LOCAL_HEADER_BYTES + record.nameBytes.length + record.compressedBytes >
      endOffset
    )
      throw invalidPackage('it overlaps with the next entry or the list of entries', { entry: record.name });
    return { ...record, endOffset };
  });
}

function recordOf(entry: Entry): Omit<ZipRecord, 'endOffset'> {
  const nameBytes = entry.fileNameRaw;
  const name = decodeName(nameBytes);
  const refuse = (reason: string, hint?: string) => invalidPackage(reason, { entry: name, hint });
  checkEntryName(name);
  const { generalPurposeBitFlag: flags, compressionMethod: method } = entry;
  if ((flags & 0x2041) !== 0) throw refuse('it is encrypted');
  if ((flags & ~ALLOWED_FLAGS) !== 0) throw refuse(`unknown flags 0x${flags.toString(16)}`);
  if (method !== 0 && method !== 8)
    throw refuse(`compression method ${method}, only store and deflate are accepted`);
  refuseExtras(entry.extraFields, name);
  const isFolder = name.endsWith('/');
  const mode = modeOf(entry, isFolder, refuse);
  if (isFolder && (entry.uncompressedSize !== 0 || entry.compressedSize > 2))
    throw refuse('a folder with content');
  if (method === 0 && entry.compressedSize !== entry.uncompressedSize)
    throw refuse('it is stored, yet its two sizes differ');
  return {
    name,
    nameBytes,
    isFolder,
    mode,
    method,
    flags,
    crc32: entry.crc32,
    compressedBytes: entry.compressedSize,
    size: entry.uncompressedSize,
    headerOffset: entry.relativeOffsetOfLocalHeader,
  };
}

/** Also for the fields of the local header. */
export function refuseExtras(fields: readonly { readonly id: number }[], name: string): void {
  for (const { id } of fields) {
    const reason = REFUSED_EXTRAS.get(id);
    if (reason !== undefined)
      throw invalidPackage(reason, { entry: name, hint: 'Publish the folder instead of the zip.' });
  }
}

function modeOf(
  entry: Entry,
  isFolder: boolean,
  refuse: (reason: string, hint?: string) => Error,
): 0o644 | 0o755 {
  const unixMode = entry.externalFileAttributes >>> 16;
  const type = unixMode & S_IFMT;
  const special = FILE_TYPES.get(type);
  if (special !== undefined) throw refuse(`it is ${special}`, 'Replace it by a regular file.');
  if (type !== 0 && type !== S_IFREG && type !== S_IFDIR) throw refuse('it is of an unknown file type');
  const saysFolder = type === S_IFDIR || (type === 0 && (entry.externalFileAttributes & 0x10) !== 0);
  if (saysFolder !== isFolder && (saysFolder || type === S_IFREG))
    throw refuse('its attributes and its name disagree on whether it is a folder');
  return (unixMode & 0o100) !== 0 ? 0o755 : 0o644;
}

// Whether it says so or not: Info-ZIP writes UTF-8 names without their mark.
function decodeName(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  throw invalidPackage('the name is not UTF-8', {
    entry: text,
    hint: 'Publish the folder instead of the zip.',
  });
}

async function* yauzlEntries(source: RandomAccess, end: ZipEnd): AsyncGenerator<Entry, void, undefined> {
  const zip = await yauzlCall(() =>
    yauzl.fromRandomAccessReaderPromise(new DirectoryReader(source, end), source.size, {
      decodeStrings: false,
      validateEntrySizes: false,
      autoClose: false,
    }),
  );
  const entries = zip.eachEntry();
  for (let number = 1; ; number++) {
    const next = await yauzlCall(() => entries.next(), `entry ${number}: `);
    if (next.done) return;
    yield next.value;
  }
}

async function yauzlCall<T>(call: () => Promise<T>, where = ''): Promise<T> {
  try {
    return await call();
  } catch (error) {
    // What reading the source threw (a RocError, an errno) is no fault of the package's format.
    if (error instanceof Error && !('code' in error))
      throw invalidPackage(`${where}${error.message}`, { cause: error });
    throw error;
  }
}

/** yauzl's view of a source; the list of entries is read once, since yauzl asks for it record by record. */
class DirectoryReader extends RandomAccessReader {
  #directory: Promise<Buffer> | undefined;
  readonly #source: RandomAccess;
  readonly #end: ZipEnd;

  constructor(source: RandomAccess, end: ZipEnd) {
    super();
    this.#source = source;
    this.#end = end;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#bytes(position, length).then(
      (bytes) => {
        bytes.copy(buffer, offset);
        callback(null);
      },
      (error: unknown) =>
        callback(
          error instanceof RangeError
            ? invalidPackage('an entry lies outside the archive')
            : (error as Error),
        ),
    );
  }

  async #bytes(position: number, length: number): Promise<Buffer> {
    const { directoryOffset, directoryBytes } = this.#end;
    const within = position - directoryOffset;
    if (within < 0 || within + length > directoryBytes) return this.#source.read(position, length);
    this.#directory ??= this.#source.read(directoryOffset, directoryBytes);
    return (await this.#directory).subarray(within, within + length);
  }
}
