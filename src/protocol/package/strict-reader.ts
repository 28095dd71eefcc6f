/** Reads a package of unknown origin from end to end: either every byte of it is accounted for, or it is refused. */
import { createHash } from 'node:crypto';
import { type ArchiveFile, openArchive } from './archive.js';
import { type PackageEntry, packageDigest, sortByPath } from './digest.js';
import { invalidPackage } from './invalid-package.js';
import { DEFAULT_PACKAGE_LIMITS, type PackageLimits } from './limits.js';
import { MANIFEST_MAX_BYTES, MANIFEST_NAME, parseRobotManifest, type RobotManifest } from './manifest.js';
import type { RandomAccess } from './source.js';

export interface PackageContents {
  readonly manifest: RobotManifest;
  /** `sha256:…`, over the entries (digest.ts). */
  readonly digest: string;
  /** By path, in code point order. */
  readonly entries: readonly PackageEntry[];
}

/** Where the content of one file goes as it is read; the file is whole only after the last piece. */
export type FileSink = (file: ArchiveFile, pieces: AsyncIterable<Buffer>) => Promise<void>;

/**
 * Reads and checks all of a package; memory does not grow with its size. The source stays open.
 * @throws RocError ROC_PACKAGE_INVALID that names the entry and the reason
 */
export function readPackage(
  source: RandomAccess,
  limits: PackageLimits = DEFAULT_PACKAGE_LIMITS,
): Promise<PackageContents> {
  return walkPackage(source, limits, async (_file, pieces) => {
    for await (const _piece of pieces);
  });
}

/** {@link readPackage} that also hands the content of every file to `sink`, in the order of the archive. */
export async function walkPackage(
  source: RandomAccess,
  limits: PackageLimits,
  sink: FileSink,
): Promise<PackageContents> {
  const files = await openArchive(source, limits);
  requireManifest(files.map(({ path }) => path));
  const entries: PackageEntry[] = [];
  let manifestText = '';
  for (const file of files) {
    const hash = createHash('sha256');
    const kept: Buffer[] = [];
    const isManifest = file.path === MANIFEST_NAME;
    if (isManifest && file.size > MANIFEST_MAX_BYTES)
      throw invalidPackage(`larger than ${MANIFEST_MAX_BYTES / 1024} KiB`, { entry: file.path });
    await sink(
      file,
      observed(file.read(), (piece) => {
        hash.update(piece);
        if (isManifest) kept.push(piece);
      }),
    );
    if (isManifest) manifestText = decodeManifest(Buffer.concat(kept));
    entries.push({ path: file.path, mode: file.mode, size: file.size, sha256: hash.digest('hex') });
  }
  return {
    manifest: parseRobotManifest(manifestText),
    digest: packageDigest(entries),
    entries: sortByPath(entries),
  };
}

export function requireManifest(paths: readonly string[]): void {
  if (paths.includes(MANIFEST_NAME)) return;
  const nested = paths.find((path) => path.endsWith(`/${MANIFEST_NAME}`));
  throw invalidPackage(`there is no ${MANIFEST_NAME} at the top level`, {
    hint:
      nested === undefined
        ? `Add a ${MANIFEST_NAME}; docs/robots.md says what it holds.`
        : `There is a ${nested}: publish that folder, or zip its contents rather than the folder.`,
  });
}

function decodeManifest(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalidPackage('it is not UTF-8', { entry: MANIFEST_NAME, cause });
  }
}

async function* observed(pieces: AsyncIterable<Buffer>, look: (piece: Buffer) => void) {
  for await (const piece of pieces) {
    look(piece);
    yield piece;
  }
}
