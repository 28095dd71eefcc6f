/** Removes a folder that a robot had the run of, also where it made that hard. */
import { execFile } from 'node:child_process';
import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** True when nothing is left of it. Links are removed, never followed. */
export async function wipeDir(path: string): Promise<boolean> {
  // Once more at the end: a process that was just killed may have changed the folder under the first round.
  for (const way of [remove, openUpAndRemove, removeByProgram, openUpAndRemove])
    try {
      await way(path);
      return true;
    } catch {
      // The next way goes further.
    }
  return false;
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
}

/** A folder without w or x cannot be emptied, not even by its owner. */
async function openUpAndRemove(path: string): Promise<void> {
  await openUp(path);
  await remove(path);
}

async function openUp(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found?.isDirectory() !== true) return;
  await chmod(path, 0o700);
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await openUp(join(path, entry.name));
}

/** Node names every file by its whole path, which may be longer than the system takes; rm goes down step by step. */
async function removeByProgram(path: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--', path]);
}
