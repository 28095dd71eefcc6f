/** Inputs as bytes: files, folders, standard input, gzip, byte order marks. */
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RocError } from '../../kernel/errors.js';
import { CHUNK_BYTES, type ChunkPool } from './chunk-pool.js';

export interface InputFile {
  /** As the user named it; folders add the path below. */
  readonly name: string;
  readonly path: string | null;
  readonly bytes: number | null;
}

/**
 * Files of the inputs in a fixed order; `-` is standard input, a folder means every file below it.
 * @throws RocError ROC_NOT_FOUND
 */
export async function findInputs(inputs: readonly string[]): Promise<InputFile[]> {
  const files: InputFile[] = [];
  for (const input of inputs) {
    if (input === '-') files.push({ name: 'stdin', path: null, bytes: null });
    else files.push(...(await filesAt(input)));
  }
  return files;
}

async function filesAt(path: string): Promise<InputFile[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${path} cannot be read`, {
      hint: 'Check the path; use - to read standard input.',
      cause,
    });
  });
  if (!found.isDirectory()) return [{ name: path, path, bytes: found.size }];
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.name.startsWith('.') && (entry.isFile() || entry.isDirectory()))
    .map((entry) => entry.name)
    .sort();
  const files: InputFile[] = [];
  for (const name of names) files.push(...(await filesAt(join(path, name))));
  return files;
}

/** The decompressed bytes as UTF-8 in buffers of about a megabyte that the caller may give away. */
export async function* readChunks(file: InputFile, stdin: Readable, pool: ChunkPool): AsyncGenerator<Buffer> {
  const raw = file.path === null ? regroup(stdin) : readFileChunks(file.path, pool);
  const first = await raw.next();
  if (first.done === true) return;
  const all = prepend(first.value, raw);
  const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
  yield* asUtf8(isGzip ? regroup(gunzip(all)) : all);
}

async function* readFileChunks(path: string, pool: ChunkPool): AsyncGenerator<Buffer> {
  const handle = await open(path, 'r');
  try {
    for (;;) {
      const chunk = pool.take();
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

// A truncated or damaged archive ends the stream with an error; what came before it has been read by then.
function gunzip(chunks: AsyncGenerator<Buffer>): Readable {
  const unzip = createGunzip({ chunkSize: 256 * 1024 });
  pipeline(Readable.from(chunks), unzip, () => {});
  return unzip;
}

/** Small pieces become buffers of their own that are worth moving to another thread. */
async function* regroup(stream: Readable): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length < CHUNK_BYTES) continue;
    yield joined(parts, length);
    parts = [];
    length = 0;
  }
  if (length > 0) yield joined(parts, length);
}

function joined(parts: readonly Buffer[], length: number): Buffer {
  const whole = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const part of parts) at += part.copy(whole, at);
  return whole;
}

async function* asUtf8(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const first = await chunks.next();
  if (first.done === true) return;
  const bytes = first.value;
  const encoding = utf16Of(bytes);
  if (encoding !== null) {
    yield* transcode(prepend(bytes, chunks), encoding);
    return;
  }
  // Blanks keep every later offset true.
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes.fill(0x20, 0, 3);
  yield bytes;
  yield* chunks;
}

function utf16Of(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  // PowerShell's older redirections write UTF-16 without a mark; JSON begins with an ASCII character.
  if (bytes.length >= 4 && bytes[0] !== 0 && bytes[1] === 0 && bytes[3] === 0) return 'utf-16le';
  if (bytes.length >= 4 && bytes[0] === 0 && bytes[1] !== 0 && bytes[2] === 0) return 'utf-16be';
  return null;
}

async function* transcode(chunks: AsyncGenerator<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    if (text.length > 0) yield Buffer.from(text);
  }
  const rest = decoder.decode();
  if (rest.length > 0) yield Buffer.from(rest);
}
