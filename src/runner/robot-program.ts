/** Which file `entrypoint[0]` means on this host. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve, sep } from 'node:path';
import { RocError } from '../kernel/errors.js';

export interface ProgramSearch {
  /** The robot's own folder. */
  readonly packageDir: string;
  readonly path: string | undefined;
  readonly platform: NodeJS.Platform;
  /** The Node that the runner itself runs on. */
  readonly node: string;
}

/**
 * A word without a slash is looked for on PATH (`node` is at hand anyway); one with a slash is a file of the package.
 * @returns an absolute path
 * @throws RocError ROC_NOT_FOUND where this host lacks it, ROC_PACKAGE_INVALID where the package does
 */
export function findRobotProgram(name: string, search: ProgramSearch): string {
  if (name.includes('/') || (search.platform === 'win32' && name.includes('\\')))
    return packagedProgram(name, search);
  const found = onPath(name, search);
  if (found !== null) return found;
  if (name === 'node') return search.node;
  throw new RocError('ROC_NOT_FOUND', `this host has no program ${JSON.stringify(name)}`, {
    hint: `Install it for the runner's user, or run this robot in a pool whose hosts have it.`,
  });
}

function packagedProgram(name: string, { packageDir, platform }: ProgramSearch): string {
  const file = resolve(packageDir, name);
  const refuse = (problem: string) =>
    new RocError('ROC_PACKAGE_INVALID', `the entrypoint ${JSON.stringify(name)} ${problem}`, {
      hint: 'Correct the entrypoint in robot.yaml and publish a new version.',
    });
  if (!file.startsWith(packageDir + sep)) throw refuse('is not inside the package');
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw refuse('is not in the package');
  if (platform !== 'win32' && !isExecutable(file)) throw refuse('is not executable');
  return file;
}

function onPath(name: string, { path = '', platform }: ProgramSearch): string | null {
  // A .cmd or .bat would need a shell, which a robot never gets.
  const endings = platform !== 'win32' || /\.(exe|com)$/i.test(name) ? [''] : ['.exe', '.com'];
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    for (const ending of endings) {
      const file = join(resolve(folder), `${name}${ending}`);
      if (isExecutable(file)) return file;
    }
  }
  return null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
