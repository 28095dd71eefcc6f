/** A folder of its own for one test file, removed when its tests are done. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { makeTempDir, removeDir } from './temp-dir.js';

/** @returns a function that makes a fresh, empty folder at each call */
export function tempDirs(label: string): () => string {
  const top = makeTempDir(label);
  afterAll(() => removeDir(top));
  return () => mkdtempSync(join(top, 'd-'));
}
