/** Verdicts on what an embedded server keeps on this host's disk, or on what a server elsewhere says of itself. */
import { formatBytes } from '../bytes.js';
import { fail, isOpen, octal, ok, skipped, warn } from './checks.js';
import type { Check, DatabaseFacts, DataDirFacts, KeyFacts, ServerFacts } from './model.js';

const MIB = 1024 * 1024;
const SPACE_FAIL = 100 * MIB;
const SPACE_WARN = 1024 * MIB;

/** @param dataDir null where there is none on this host */
export function judgeData(path: string, dataDir: DataDirFacts | null, server: ServerFacts | null): Check[] {
  if (dataDir !== null) {
    const { database, blobs, keys } = dataDir;
    return [judgeDataDir(dataDir), judgeDatabase(database), judgeBlobs(blobs), judgeKeys(keys)];
  }
  const missing = skipped('data-dir', `${path} does not exist`, 'The first `roc serve` makes it.');
  const parts = ['database', 'blobs', 'keys'].map((id) => {
    const part = server?.parts?.[id];
    if (part === undefined) return skipped(id, 'no data folder here', null);
    return part.isReady
      ? ok(id, `${server?.url} says that it works`)
      : fail(id, part.message, "Look at the server's log.");
  });
  return [missing, ...parts];
}

function judgeDataDir({ path, mode, isWritable, freeBytes, holder }: DataDirFacts): Check {
  const id = 'data-dir';
  const space = `${formatBytes(freeBytes)} free`;
  if (!isWritable)
    return fail(
      id,
      `${path} cannot be written`,
      'Check who owns it and whether its disk is mounted read-only.',
    );
  if (isOpen(mode)) return fail(id, `others may enter ${path} (${octal(mode)})`, `chmod 700 ${path}`);
  if (freeBytes < SPACE_FAIL) return fail(id, `${path}: only ${space}`, 'Make room on its disk.');
  if (freeBytes < SPACE_WARN) return warn(id, `${path}: only ${space}`, 'Make room on its disk.');
  return ok(id, `${path}, ${space}, ${holder === null ? 'held by no server' : `held by process ${holder}`}`);
}

function judgeDatabase(database: DatabaseFacts): Check {
  const id = 'database';
  if (database.kind === 'remote') {
    const { at, error } = database;
    const fix = 'Check address, security groups and that the database runs.';
    return error === null ? ok(id, `${at} accepts connections`) : fail(id, `${at}: ${error}`, fix);
  }
  const { path, state } = database;
  const fix = 'Restore it from its backup, or check its owner.';
  if (state === 'absent') return skipped(id, `${path} does not exist`, 'The first `roc serve` makes it.');
  if (state === 'unreadable') return fail(id, `${path} cannot be read`, fix);
  if (state === 'foreign') return fail(id, `${path} is no SQLite database`, fix);
  return ok(id, path);
}

function judgeBlobs(blobs: DataDirFacts['blobs']): Check {
  if (blobs === null) return skipped('blobs', 'not on this disk', null);
  if (!blobs.isUsable) return fail('blobs', `${blobs.path} cannot be read and written`, 'Check who owns it.');
  return ok('blobs', blobs.path);
}

function judgeKeys(keys: readonly KeyFacts[]): Check {
  const present = keys.filter(({ mode }) => mode !== null);
  if (present.length === 0)
    return skipped('keys', 'none on this disk yet', 'The first `roc serve` makes them.');
  for (const { path, mode, folderMode, isReadable } of present) {
    if (mode !== null && isOpen(mode))
      return fail('keys', `others may read ${path} (${octal(mode)})`, `chmod 600 ${path}`);
    if (folderMode !== null && isOpen(folderMode))
      return fail(
        'keys',
        `others may enter the folder of ${path} (${octal(folderMode)})`,
        'chmod 700 that folder.',
      );
    if (!isReadable) return fail('keys', `${path} cannot be read`, 'Check who owns it.');
  }
  const absent = keys.filter(({ mode }) => mode === null);
  if (absent.length > 0)
    return warn(
      'keys',
      `${absent.map(({ path }) => path).join(', ')} is missing`,
      'Restore it from its backup before the next start.',
    );
  return ok('keys', present.map(({ path }) => path).join(', '));
}
