/** Where the project's files are, also when a test or benchmark runs bundled from another folder. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of roc's own package.json. */
export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** An absolute path of a file of the project. */
export function projectPath(...parts: string[]): string {
  return join(projectRoot, ...parts);
}

function findRoot(from: string): string {
  for (let dir = from; dirname(dir) !== dir; dir = dirname(dir)) {
    const file = join(dir, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'roc') return dir;
  }
  throw new TypeError(`no package.json of roc above ${from}`);
}
