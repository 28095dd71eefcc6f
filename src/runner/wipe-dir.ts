/** Removes a folder that a robot had the run of, also where it made that hard. */
import { execFile } from 'node:child_process';
import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** True when nothing is left of it. Links are removed, never followed. */
export async function wipeDir(path: string): Promise<boolean> {
  for (const way of [remove, openUpAndRemove, removeByProgram])
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
  if (!(await lstat(path)).isDirectory()) return;
  await chmod(path, 0o700);
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await openUp(join(path, entry.name));
}

/** Node names every file by its whole path, which may be longer than the system takes; rm goes down step by step. */
async function removeByProgram(path: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--', path]);
}
