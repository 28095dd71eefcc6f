/** Writes a package into a fresh folder; what fails leaves nothing behind, and nothing is ever written outside. */
import { constants } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RocError } from '../../kernel/errors.js';
import { makeFolder } from '../../kernel/make-folder.js';
import { DEFAULT_PACKAGE_LIMITS, type PackageLimits } from './limits.js';
import type { RobotManifest } from './manifest.js';
import type { RandomAccess } from './source.js';
import { walkPackage } from './strict-reader.js';

// Exclusive: a file system that takes two names for one makes the second fail rather than overwrite the first.
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/**
 * Checks a package and writes its files under `dir`, which must not exist yet. The source stays open.
 * The caller compares the digest with the one it expects before it runs anything.
 * @throws RocError ROC_PACKAGE_INVALID, or ROC_CONFLICT where `dir` exists; `dir` is then as it was
 */
export async function unpackPackage(
  source: RandomAccess,
  dir: string,
  limits: PackageLimits = DEFAULT_PACKAGE_LIMITS,
): Promise<{ manifest: RobotManifest; digest: string }> {
  await makeFreshDir(dir);
  try {
    const { manifest, digest } = await walkPackage(source, limits, async ({ path, mode }, pieces) => {
      const target = join(dir, ...path.split('/'));
      await makeFolder(dirname(target), 0o755);
      await writePieces(target, mode, pieces);
    });
    return { manifest, digest };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

async function makeFreshDir(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new RocError('ROC_CONFLICT', `${dir} exists already`, {
      hint: 'Name a folder that does not exist yet.',
      cause,
    });
  }
}

async function writePieces(target: string, mode: number, pieces: AsyncIterable<Buffer>): Promise<void> {
  const handle = await open(target, FLAGS, mode);
  try {
    for await (const piece of pieces) await handle.writeFile(piece);
    // The umask may have taken bits that the digest counts.
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}
