/** Files and folders that only this user may read, written whole or not at all. */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { RocError } from '../kernel/errors.js';
import { makeFolderSync } from '../kernel/make-folder.js';

const OTHERS = 0o077;
const hasModes = process.platform !== 'win32';

/**
 * Makes a folder 0700, parents included, or takes one that is so already.
 * @throws RocError ROC_DATA_DIR_UNUSABLE where it cannot be made or others may enter it
 */
export function makePrivateDir(path: string): void {
  try {
    makeFolderSync(path, 0o700);
  } catch (cause) {
    throw unusable(path, 'cannot be made', 'Choose another --state-dir, or correct its permissions.', cause);
  }
  const stats = statSync(path);
  if (!stats.isDirectory()) throw unusable(path, 'is not a folder', 'Choose another --state-dir.');
  if (hasModes && (stats.mode & OTHERS) !== 0)
    throw unusable(path, 'is open to other users', `Run: chmod 700 ${path}`);
  if (hasModes && stats.uid !== process.getuid?.())
    throw unusable(path, 'belongs to another user', 'Choose another --state-dir, or run as that user.');
}

/** Replaces a file by a new one that is on disk before it has the name; 0600. */
export function writePrivateFile(path: string, content: string): void {
  const temporary = `${path}.${randomUUID()}`;
  try {
    writeFileSync(temporary, content, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(temporary, path);
    syncDir(dirname(path));
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw unusable(path, 'cannot be written', 'Check free space and permissions of the state folder.', cause);
  }
}

/**
 * The content of a private file, or null where there is none.
 * @throws RocError ROC_DATA_DIR_UNUSABLE where others may read it
 */
export function readPrivateFile(path: string): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (!stats.isFile()) throw unusable(path, 'is not a file', 'Remove it.');
  if (hasModes && (stats.mode & OTHERS) !== 0)
    throw unusable(
      path,
      'is open to other users',
      `Run: chmod 600 ${path}; if others could log in here, register anew.`,
    );
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unusable(path, 'cannot be read', 'Run as the user who registered this runner.', cause);
  }
}

// A rename is lasting only when its folder is; Windows opens no folder and needs none of this.
function syncDir(path: string): void {
  if (!hasModes) return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function unusable(path: string, problem: string, hint: string, cause?: unknown): RocError {
  return new RocError('ROC_DATA_DIR_UNUSABLE', `${path} ${problem}`, { hint, cause });
}
