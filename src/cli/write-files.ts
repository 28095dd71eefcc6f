/** Writes files that a person may have changed: never over what is there unless it was said to. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RocError } from '../kernel/errors.js';
import { makeFolder } from '../kernel/make-folder.js';

export interface NewFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly text: string;
}

export interface WrittenFile {
  readonly path: string;
  readonly action: 'written' | 'unchanged' | 'kept' | 'replaced';
}

/**
 * Looks at all of them, and asks what there is to ask, before it writes the first one.
 * @param replace asked for each file that is there with other content
 * @throws RocError ROC_USAGE where the folder cannot be read or written
 */
export async function writeFiles(
  dir: string,
  files: readonly NewFile[],
  replace: (file: string) => Promise<boolean>,
): Promise<WrittenFile[]> {
  const plan: (NewFile & WrittenFile)[] = [];
  for (const file of files)
    plan.push({ ...file, action: await actionFor(join(dir, file.path), file, replace) });
  for (const { path, text, action } of plan)
    if (action === 'written' || action === 'replaced') await writeWhole(join(dir, path), text);
  return plan.map(({ path, action }) => ({ path, action }));
}

async function actionFor(
  file: string,
  { text }: NewFile,
  replace: (file: string) => Promise<boolean>,
): Promise<WrittenFile['action']> {
  const present = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw unwritable(file, error);
  });
  if (present === null) return 'written';
  if (present === text) return 'unchanged';
  return (await replace(file)) ? 'replaced' : 'kept';
}

async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  try {
    await makeFolder(dirname(file));
    await writeFile(temporary, text, { flag: 'wx' });
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw unwritable(file, cause);
  }
}

function unwritable(file: string, cause: unknown): RocError {
  return new RocError('ROC_USAGE', `${file} cannot be written: ${(cause as Error).message}`, {
    hint: 'Check who owns the folder, or name another one with --dir.',
    cause,
  });
}
