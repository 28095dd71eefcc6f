/** The folder of a run on this host: its journal and its lock. */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { RocError } from '../../kernel/errors.js';
import { makeFolderSync } from '../../kernel/make-folder.js';
import type { Lines } from './journal.js';
import { isRunId } from './names.js';

export interface RunFolder {
  readonly path: string;
  readonly lines: Lines;
}

/** @param dir the room's folder, `.roc/backup` by default */
export function runFolder(dir: string, run: string): RunFolder {
  if (!isRunId(run))
    throw new RocError('ROC_USAGE', `"${run}" is no run`, {
      hint: 'A run looks like 20261122-001500-k3x9qz; `roc backup list --runs` shows those there are.',
    });
  const path = join(dir, 'runs', run);
  return { path, lines: fileLines(path) };
}

/** Ids of the runs on this host, oldest first. */
export function listRuns(dir: string): string[] {
  try {
    return readdirSync(join(dir, 'runs')).filter(isRunId).sort();
  } catch {
    return [];
  }
}

function fileLines(folder: string): Lines {
  const file = join(folder, 'journal.jsonl');
  return {
    read: () => (existsSync(file) ? readFileSync(file, 'utf8') : ''),
    append(text) {
      const isNew = !existsSync(file);
      if (isNew) makeRunFolder(folder, file);
      withFile(file, 'a', (fd) => writeWhole(fd, text, file));
      // The entry in the folder, too, must outlive a crash; Windows has no way to ask for it.
      if (isNew && process.platform !== 'win32') syncFolder(folder);
    },
    truncate: (bytes) => withFile(file, 'r+', (fd) => ftruncateSync(fd, bytes)),
  };
}

function makeRunFolder(folder: string, file: string): void {
  try {
    makeFolderSync(folder, 0o700);
  } catch (cause) {
    throw new RocError('ROC_DATA_DIR_UNUSABLE', `${file} cannot be written`, {
      hint: 'Name a folder that can be written as backup.dir in roc.yaml.',
      cause,
    });
  }
}

/** All of it or nothing: half a line in the middle would make the journal of a run that goes on unreadable. */
function writeWhole(fd: number, text: string, file: string): void {
  const before = fstatSync(fd).size;
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  } catch (cause) {
    cutBack(fd, before);
    throw new RocError(
      'ROC_RESUMABLE',
      `${file} cannot be written: ${(cause as NodeJS.ErrnoException).code}`,
      {
        hint: 'Make room on the disk, then go on with `roc backup resume RUN`; the copy in AWS is still there.',
        cause,
      },
    );
  }
}

function cutBack(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // Half a last line is cut when the journal is opened again.
  }
}

function withFile(file: string, flags: string, use: (fd: number) => void): void {
  const fd = openSync(file, flags, 0o600);
  try {
    use(fd);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
