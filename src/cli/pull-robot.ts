/** Downloads a package as it was published: whole, verified and in place, or not at all. */
import { createHash, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isRocError, RocError } from '../kernel/errors.js';
import { makeFolder } from '../kernel/make-folder.js';
import type { Client } from '../protocol/client.js';
import type { ParamsOf, ReplyOf } from '../protocol/contracts.js';
import { formatBytes } from './bytes.js';
import type { Progress } from './progress.js';

export interface PullOptions {
  readonly params: ParamsOf<'versions.pull'>;
  readonly project: string;
  /** Folder that the zip is written into; made where it is missing. */
  readonly dir: string;
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

export interface Pulled {
  readonly file: string;
  readonly version: ReplyOf<'versions.show'>;
}

/** @throws RocError ROC_REFUSED where the file exists, ROC_BLOB_CORRUPT where what came is not what was published */
export async function pullRobot(client: Client, options: PullOptions): Promise<Pulled> {
  const { params, project, dir, signal } = options;
  const version = await client.call('versions.show', { params, query: { project }, signal });
  const file = join(dir, `${params.robot}-${params.version}.zip`);
  if (!options.force && (await exists(file))) throw inTheWay(file);
  await makeFolder(dir).catch((cause: unknown) => {
    throw unwritable(dir, cause);
  });
  const part = `${file}.${randomUUID()}.part`;
  const removeNow = () => rmSync(part, { force: true });
  process.once('exit', removeNow);
  try {
    await download(client, part, version, options);
    await (options.force ? rename(part, file) : linkNew(part, file));
    return { file, version };
  } finally {
    process.off('exit', removeNow);
    await rm(part, { force: true });
  }
}

async function download(
  client: Client,
  part: string,
  version: Pulled['version'],
  { params, project, signal, progress }: PullOptions,
): Promise<void> {
  const handle = await open(part, 'wx').catch((cause: unknown) => {
    throw unwritable(part, cause);
  });
  try {
    const response = await client.open('versions.pull', { params, query: { project }, signal });
    const hash = createHash('sha256');
    let size = 0;
    for await (const piece of response.body ?? []) {
      hash.update(piece);
      size += piece.length;
      if (size > version.sizeBytes) break;
      await handle.write(piece);
      progress.update(
        `${params.robot}@${params.version}: ${formatBytes(size)} of ${formatBytes(version.sizeBytes)}`,
      );
    }
    if (size !== version.sizeBytes || hash.digest('hex') !== version.sha256) throw notAsPublished(version);
    await handle.sync();
  } catch (cause) {
    if (isRocError(cause)) throw cause;
    throw signal.aborted
      ? new RocError('ROC_INTERRUPTED', 'interrupted', { cause })
      : brokenOff(client.url, cause);
  } finally {
    await handle.close();
  }
}

// Unlike a rename, a link never replaces what another process put there in the meantime.
async function linkNew(part: string, file: string): Promise<void> {
  try {
    await link(part, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || (await exists(file))) throw inTheWay(file);
    // Some file systems (exFAT, some network shares) have no hard links.
    await rename(part, file);
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function inTheWay(file: string): RocError {
  return new RocError('ROC_REFUSED', `${file} exists`, {
    hint: 'Name another folder with -o, or pass --force to replace it.',
  });
}

function unwritable(path: string, cause: unknown): RocError {
  return new RocError('ROC_USAGE', `${path} cannot be written: ${(cause as Error).message}`, {
    hint: 'Name a folder that you may write to with -o.',
    cause,
  });
}

function brokenOff(url: string, cause: unknown): RocError {
  return new RocError('ROC_UNREACHABLE', `the download from ${url} broke off`, {
    hint: 'Run it again; nothing half-written stays.',
    cause,
  });
}

function notAsPublished({ robot, version }: Pulled['version']): RocError {
  return new RocError('ROC_BLOB_CORRUPT', `what came for ${robot}@${version} is not what was published`, {
    hint: 'Run it again; if it stays so, the stored package is damaged: tell who runs the server.',
  });
}
