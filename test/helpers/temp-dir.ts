/** Temporary folders that go away with the test that made them. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new empty folder under the system's temporary one; the caller removes it with {@link removeDir}. */
export function makeTempDir(label = 'test'): string {
  return mkdtempSync(join(realpathSync(tmpdir()), `roc-${label}-`));
}

/** Removes a folder and all in it; one that is gone already is fine, one that is still written to is tried again. */
export function removeDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Runs `work` with a temporary folder and removes it, whatever the end. */
export async function withTempDir<T>(work: (dir: string) => T | Promise<T>, label?: string): Promise<T> {
  const dir = makeTempDir(label);
  try {
    return await work(dir);
  } finally {
    removeDir(dir);
  }
}
