/** The files of a robot's folder, links and devices refused, ignored names left out. */
import { constants, type Dirent, existsSync } from 'node:fs';
import { type FileHandle, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveFile } from './archive.js';
import { checkEntryName } from './entry-names.js';
import { IGNORE_FILE, type Ignores, readIgnores } from './ignore.js';
import { invalidPackage } from './invalid-package.js';
import type { PackageLimits } from './limits.js';
import { MANIFEST_NAME } from './manifest.js';
import { requireManifest } from './strict-reader.js';

const PIECE_BYTES = 256 * 1024;
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** @throws RocError ROC_PACKAGE_INVALID */
export async function folderFiles(root: string, limits: PackageLimits): Promise<ArchiveFile[]> {
  // Before anything else: who named the wrong folder must not wait until all of it was walked.
  if (!existsSync(join(root, MANIFEST_NAME))) requireManifest([]);
  const ignores = readIgnores(await readFile(join(root, IGNORE_FILE), 'utf8').catch(absentAsEmpty));
  const files: ArchiveFile[] = [];
  for await (const path of walk(root, '', ignores)) {
    checkEntryName(path);
    files.push(await folderFile(root, path));
    if (files.length > limits.entries) throw invalidPackage(`more than ${limits.entries} files`);
  }
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > limits.totalBytes)
    throw invalidPackage(`${total} bytes in all, at most ${limits.totalBytes} are accepted`);
  return files;
}

async function* walk(
  root: string,
  folder: string,
  ignores: Ignores,
): AsyncGenerator<string, void, undefined> {
  const entries = await readable(folder, readdir(join(root, folder), { withFileTypes: true }));
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const isFolder = entry.isDirectory();
    if (ignores.has(path, isFolder)) continue;
    if (isFolder) yield* walk(root, path, ignores);
    else if (entry.isFile()) yield path;
    else throw invalidPackage(`it is ${kindOf(entry)}`, { entry: path, hint: hintFor(entry) });
  }
}

async function folderFile(root: string, path: string): Promise<ArchiveFile> {
  const file = join(root, path);
  const handle = await openToRead(file, path);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw invalidPackage('it is no regular file any more', { entry: path });
    const { size } = stats;
    const mode = (stats.mode & 0o100) === 0 ? 0o644 : 0o755;
    return { path, mode, size, read: () => readWhole(file, path, size) };
  } finally {
    await handle.close();
  }
}

function openToRead(file: string, path: string): Promise<FileHandle> {
  return readable(path, open(file, READ_FLAGS));
}

function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  return reading.catch((cause: NodeJS.ErrnoException) => {
    throw invalidPackage(`it cannot be read (${cause.code})`, {
      entry: path,
      hint: `Check its permissions, or name it in ${IGNORE_FILE}.`,
      cause,
    });
  });
}

async function* readWhole(file: string, path: string, size: number): AsyncGenerator<Buffer, void, undefined> {
  const handle = await openToRead(file, path);
  try {
    let total = 0;
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, total);
      if (bytesRead === 0) break;
      total += bytesRead;
      // One that grows as fast as it is read would never end.
      if (total > size) throw changed(path);
      yield buffer.subarray(0, bytesRead);
    }
    if (total !== size) throw changed(path);
  } finally {
    await handle.close();
  }
}

function changed(path: string) {
  return invalidPackage('it changed while it was packed', { entry: path, hint: 'Try again.' });
}

function kindOf(entry: Dirent): string {
  if (entry.isSymbolicLink()) return 'a symbolic link';
  if (entry.isFIFO()) return 'a named pipe';
  if (entry.isSocket()) return 'a socket';
  return 'a device';
}

function hintFor(entry: Dirent): string {
  return entry.isSymbolicLink()
    ? `Replace it by the file it points to, or name it in ${IGNORE_FILE}.`
    : `Remove it, or name it in ${IGNORE_FILE}.`;
}

function absentAsEmpty(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
