/** The files of a zip that a user made, read strictly, ignored names left out as for a folder. */
import { type ArchiveFile, openArchive } from './archive.js';
import { IGNORE_FILE, readIgnores } from './ignore.js';
import { invalidPackage } from './invalid-package.js';
import type { PackageLimits } from './limits.js';
import { openFileSource } from './source.js';

const MAX_IGNORE_BYTES = 64 * 1024;

/** @throws RocError ROC_PACKAGE_INVALID; `close` must be called when the files have been read */
export async function zipFiles(
  path: string,
  limits: PackageLimits,
): Promise<{ files: ArchiveFile[]; close: () => Promise<void> }> {
  const source = await openFileSource(path);
  try {
    const files = await openArchive(source, limits);
    const ignoreFile = files.find((file) => file.path === IGNORE_FILE);
    const ignores = readIgnores(ignoreFile === undefined ? '' : await readText(ignoreFile));
    return { files: files.filter((file) => !ignores.hasFile(file.path)), close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function readText(file: ArchiveFile): Promise<string> {
  if (file.size > MAX_IGNORE_BYTES) throw invalidPackage('larger than 64 KiB', { entry: file.path });
  const pieces: Buffer[] = [];
  for await (const piece of file.read()) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
