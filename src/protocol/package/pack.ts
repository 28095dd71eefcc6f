/** Makes a package of a folder or a zip: the same content gives the same digest, whoever packs it, wherever. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { RocError } from '../../kernel/errors.js';
import type { ArchiveFile } from './archive.js';
import { sortByPath } from './digest.js';
import { NameRegister } from './entry-names.js';
import { folderFiles } from './folder-files.js';
import { invalidPackage } from './invalid-package.js';
import { DEFAULT_PACKAGE_LIMITS, type PackageLimits } from './limits.js';
import type { RobotManifest } from './manifest.js';
import { openFileSource } from './source.js';
import { readPackage, requireManifest } from './strict-reader.js';
import { zipFiles } from './zip-files.js';

export interface PackedRobot {
  readonly manifest: RobotManifest;
  /** `sha256:…` over the content; the same for the same files. */
  readonly digest: string;
  /** Of `file`, lower-case hex. */
  readonly sha256: string;
  /** Of `file`, bytes. */
  readonly size: number;
  /** The zip, in a private temporary folder (0700, the file 0600). */
  readonly file: string;
  /** Removes the temporary folder. */
  dispose(): Promise<void>;
}

// The first instant a zip can tell, in local fields as yazl writes them: no clock and no time zone shows.
const FIXED_TIME = new Date(1980, 0, 1);
const S_IFREG = 0o100000;

export interface PackOptions {
  readonly signal?: AbortSignal;
  /** Told of the temporary folder as soon as there is one, for who may have to leave at once. */
  readonly onFolder?: (dir: string) => void;
}

/**
 * Packs a robot. What comes out was read back by the strict reader, so that a server will take it.
 * @throws RocError ROC_PACKAGE_INVALID, ROC_NOT_FOUND, ROC_INTERRUPTED on abort
 */
export async function packRobot(
  path: string,
  limits: PackageLimits = DEFAULT_PACKAGE_LIMITS,
  options: PackOptions = {},
): Promise<PackedRobot> {
  const found = await filesOf(path, limits);
  try {
    return await packFiles(sortByPath(found.files), limits, options);
  } finally {
    await found.close();
  }
}

async function packFiles(
  files: readonly ArchiveFile[],
  limits: PackageLimits,
  { signal, onFolder }: PackOptions,
): Promise<PackedRobot> {
  checkFiles(files, limits);
  const dir = await mkdtemp(join(tmpdir(), 'roc-pack-'));
  onFolder?.(dir);
  const dispose = () => rm(dir, { recursive: true, force: true });
  try {
    const file = join(dir, 'robot.zip');
    const written = await writeZip(files, file, signal);
    return { ...written, ...(await readBack(file, limits, signal)), file, dispose };
  } catch (error) {
    await dispose();
    throw signal?.aborted ? new RocError('ROC_INTERRUPTED', 'interrupted', { cause: error }) : error;
  }
}

async function filesOf(path: string, limits: PackageLimits) {
  // A link to the folder or zip itself is what the user named; links inside are another matter.
  const real = await realpath(path).catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${path} cannot be read`, {
      hint: 'Name a folder or a zip that holds a robot.yaml.',
      cause,
    });
  });
  if (!(await stat(real)).isDirectory()) return zipFiles(real, limits);
  return { files: await folderFiles(real, limits), close: async () => {} };
}

function checkFiles(files: readonly ArchiveFile[], limits: PackageLimits): void {
  requireManifest(files.map(({ path }) => path));
  const names = new NameRegister(limits.entries);
  for (const { path } of files) names.add(path);
  if (files.length > limits.entries)
    throw invalidPackage(`${files.length} files, at most ${limits.entries} are accepted`);
}

async function writeZip(
  files: readonly ArchiveFile[],
  target: string,
  signal: AbortSignal | undefined,
): Promise<{ sha256: string; size: number }> {
  const zip = new ZipFile();
  // yazl makes it a PassThrough; its type says less.
  const output = zip.outputStream as PassThrough;
  zip.on('error', (error: Error) => output.destroy(error));
  let reading: Readable | undefined;
  for (const { path, mode, read } of files) {
    const options = { mtime: FIXED_TIME, mode: S_IFREG | mode, forceDosTimestamp: true };
    zip.addReadStreamLazy(path, options, (give) => {
      reading = Readable.from(read(), { objectMode: false });
      reading.on('error', (error) => zip.emit('error', error));
      give(null, reading);
    });
  }
  zip.end();
  const meter = createMeter();
  try {
    const file = createWriteStream(target, { flags: 'wx', mode: 0o600 });
    await pipeline(output, meter.stream, file, signal === undefined ? {} : { signal });
    return meter.result();
  } finally {
    // Where writing failed, the file that was being read is still open.
    reading?.destroy();
  }
}

function createMeter() {
  const hash = createHash('sha256');
  let size = 0;
  const stream = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      size += piece.length;
      done(null, piece);
    },
  });
  return { stream, result: () => ({ sha256: hash.digest('hex'), size }) };
}

async function readBack(file: string, limits: PackageLimits, signal: AbortSignal | undefined) {
  const source = await openFileSource(file);
  const read = (offset: number, length: number) => {
    signal?.throwIfAborted();
    return source.read(offset, length);
  };
  try {
    const { manifest, digest } = await readPackage({ ...source, read }, limits);
    return { manifest, digest };
  } finally {
    await source.close();
  }
}
