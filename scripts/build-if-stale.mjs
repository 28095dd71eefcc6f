// Builds only when a source changed since the last build: what was built from is stamped into dist.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist/build-stamp.txt');
const SOURCES = [
  'src',
  'commands',
  'bin',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.lib.json',
];

/** Runs the build unless dist is of these very sources; returns whether it built. */
export function buildIfStale() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceDigest()) return false;
  // rolldown resolves some names from the working directory.
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: ['ignore', 2, 2] });
  return true;
}

/** The build calls this last, so that a build that broke off is never taken for a whole one. */
export function stampBuild() {
  writeFileSync(stamp, sourceDigest());
}

function sourceDigest() {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of filesOf(source))
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(root, file)))
        .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  return readdirSync(full, { recursive: true })
    .map((file) => join(path, file))
    .filter((file) => statSync(join(root, file)).isFile())
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildIfStale();
