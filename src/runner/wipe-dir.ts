/** Removes a folder that a robot had the run of, also where it took its own permissions away. */
import type { Dirent } from 'node:fs';
import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** True when nothing is left of it. Links are removed, never followed. */
export async function wipeDir(path: string): Promise<boolean> {
  try {
    await remove(path);
    return true;
  } catch {
    // A folder without w or x cannot be emptied by its own owner.
  }
  try {
    await openUp(path);
    await remove(path);
    return true;
  } catch {
    return false;
  }
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
}

async function openUp(path: string): Promise<void> {
  await chmod(path, 0o700);
  const entries: Dirent[] = await readdir(path, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await openUp(join(path, entry.name));
}
