/** The file of the local master key: made once and whole, never followed through a link, never shared. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { RocError } from '../../kernel/errors.js';
import { makeFolderSync } from '../../kernel/make-folder.js';

const KEY_BYTES = 32;
const OTHERS = 0o077;

/** @throws RocError ROC_DATA_DIR_UNUSABLE */
export function readOrMakeMasterKey(path: string): Buffer {
  try {
    const folder = dirname(path);
    makeFolderSync(folder, 0o700);
    checkPrivate(folder, lstatSync(folder), '0700');
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) makeMasterKey(path);
    return readMasterKey(path);
  } catch (error) {
    if (error instanceof RocError) throw error;
    throw unusable(
      `the master key ${path} cannot be read or made`,
      'Check that the user of roc owns its folder.',
      error,
    );
  }
}

function readMasterKey(path: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw unusable(`${path} is not a regular file`, 'Name the file of the master key.');
    checkPrivate(path, stats, '0600');
    if (stats.size !== KEY_BYTES)
      throw unusable(
        `the master key ${path} has ${stats.size} bytes, a key has ${KEY_BYTES}`,
        'Restore it from its backup; without the very key, nothing that was stored can be read again.',
      );
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

// Linked into place when it is whole: of two processes that start at once, both use the first one's key.
function makeMasterKey(path: string): void {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(file, randomBytes(KEY_BYTES));
    fsyncSync(file);
    linkSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(file);
    rmSync(temporary, { force: true });
  }
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, constants.O_RDONLY);
  fsyncSync(handle);
  closeSync(handle);
}

// Windows has no such bits; there the profile's access list guards the file.
function checkPrivate(path: string, stats: Stats, expected: '0600' | '0700'): void {
  if (process.platform === 'win32') return;
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  if ((stats.mode & OTHERS) !== 0)
    throw unusable(
      `${path} may be read by others: mode ${mode}, expected ${expected}`,
      `Run chmod ${expected} ${path}`,
    );
  const user = process.geteuid?.();
  if (user !== 0 && user !== undefined && stats.uid !== user)
    throw unusable(`${path} belongs to another user`, 'Run roc as the user that owns its keys.');
}

function unusable(message: string, hint: string, cause?: unknown): RocError {
  return new RocError('ROC_DATA_DIR_UNUSABLE', message, { hint, cause });
}
