/** The folder in which an embedded server keeps all it has: made private, proven writable, held by one server. */
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'libsql';
import { RocError } from '../kernel/errors.js';
import { makeFolder } from '../kernel/make-folder.js';

export interface DataDir {
  readonly path: string;
  release(): Promise<void>;
}

/** @throws RocError ROC_DATA_DIR_UNUSABLE when it cannot be written, or another server has it */
export async function holdDataDir(path: string): Promise<DataDir> {
  const probe = join(path, `.probe-${process.pid}`);
  try {
    await makeFolder(path, 0o700);
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    throw new RocError('ROC_DATA_DIR_UNUSABLE', `${path} cannot be written (${reasonOf(cause)})`, {
      hint: 'Check who owns it, or pass another folder with --data-dir.',
      cause,
    });
  }
  const lock = takeLock(join(path, 'server.lock'));
  const holder = join(path, 'server.pid');
  if (lock === null) throw await heldByAnother(path, holder);
  await writeFile(holder, `${process.pid}\n`);
  return {
    path,
    release: async () => {
      await rm(holder, { force: true });
      lock.close();
    },
  };
}

/**
 * The same for an installation that must be there already: a mistyped folder is not taken for an empty one.
 * @throws RocError ROC_DATA_DIR_UNUSABLE, also where `database` names an embedded one that does not exist
 */
export async function holdInstallation(path: string, database: string): Promise<DataDir> {
  const file = database.startsWith('sqlite:') ? database.slice('sqlite:'.length).replace(/\?.*$/, '') : null;
  if (file === null || existsSync(file)) return holdDataDir(path);
  throw new RocError('ROC_DATA_DIR_UNUSABLE', `${file} does not exist`, {
    hint: 'Pass the data folder of the installation with --data-dir; only `roc serve` makes a new one.',
  });
}

/**
 * Node has no file locks, SQLite has: an open exclusive transaction on a file of its own. The system takes it back
 * whatever way the process ends.
 */
function takeLock(file: string): Database.Database | null {
  let lock: Database.Database | undefined;
  try {
    lock = new Database(file, { timeout: 0 });
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock?.close();
    if (/^SQLITE_BUSY/.test(String((error as { code?: unknown }).code))) return null;
    throw new RocError('ROC_DATA_DIR_UNUSABLE', `${file} cannot be locked`, {
      hint: 'The data folder must be on a local disk; a network share cannot hold it.',
      cause: error,
    });
  }
}

async function heldByAnother(path: string, holder: string): Promise<RocError> {
  const pid = (await readFile(holder, 'utf8').catch(() => '')).trim();
  const who = pid === '' ? 'another roc serve' : `another roc serve (process ${pid})`;
  return new RocError('ROC_DATA_DIR_UNUSABLE', `${path} is in use by ${who}`, {
    hint: 'Stop that one first, or pass another folder with --data-dir.',
  });
}

function reasonOf(cause: unknown): string {
  return String((cause as NodeJS.ErrnoException).code ?? 'unknown reason');
}
