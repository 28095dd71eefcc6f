/** A zip whose list of entries was found good: its files, and their contents under one budget. */
import { setImmediate } from 'node:timers/promises';
import { invalidPackage } from './invalid-package.js';
import type { PackageLimits } from './limits.js';
import type { RandomAccess } from './source.js';
import { readZipContent } from './zip-content.js';
import { readZipDirectory } from './zip-directory.js';

/** Bytes that are inflated before others have their turn: small files never wait for the disk, and there may be many. */
const TURN_BYTES = 1024 * 1024;
/** What the smallest file costs, in bytes. */
const ENTRY_COST = 8 * 1024;

export interface ArchiveFile {
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  /** Bytes, as the archive says; what `read` yields is held to it. */
  readonly size: number;
  /** The bytes; they are true only when the iteration ended without an error. */
  read(): AsyncIterable<Buffer>;
}

/**
 * Opens a zip for strict reading. The files come in the order of their bytes, folders are left out.
 * @throws RocError ROC_PACKAGE_INVALID, here or while a file is read
 */
export async function openArchive(source: RandomAccess, limits: PackageLimits): Promise<ArchiveFile[]> {
  const records = await readZipDirectory(source, limits);
  const spend = budget(source.size, limits);
  const files: ArchiveFile[] = [];
  for (const record of records) {
    const read = () => metered(readZipContent(source, record), spend);
    if (!record.isFolder) files.push({ path: record.name, mode: record.mode, size: record.size, read });
    // A folder has no content to read later, so that its bytes are looked at now.
    else for await (const _piece of read());
  }
  return files;
}

async function* metered(pieces: AsyncIterable<Buffer>, spend: (bytes: number) => Promise<void>) {
  for await (const piece of pieces) {
    await spend(piece.length);
    yield piece;
  }
}

// Reading one file twice counts twice: the budget is of work, and nobody here does so.
function budget(archiveBytes: number, limits: PackageLimits): (bytes: number) => Promise<void> {
  let total = 0;
  let sinceTurn = 0;
  return async (bytes) => {
    total += bytes;
    sinceTurn += bytes + ENTRY_COST;
    if (total > limits.totalBytes) throw invalidPackage(`more than ${limits.totalBytes} bytes in all`);
    if (total > limits.ratioFloorBytes && total > archiveBytes * limits.ratio)
      throw invalidPackage(`it inflates to more than ${limits.ratio} times its size`);
    if (sinceTurn < TURN_BYTES) return;
    sinceTurn = 0;
    await setImmediate();
  };
}
