/** What tells one build of roc from another that has the same version: the cache of templates must not mix them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function buildOf(packageRoot: string, version: string): string {
  try {
    return readFileSync(join(packageRoot, 'dist', 'build-stamp.txt'), 'utf8').trim();
  } catch {
    return version;
  }
}
