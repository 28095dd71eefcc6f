/** Blobs as files: written aside, fsynced, then linked into place, so that a crash leaves all of one or none. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RocError } from '../../kernel/errors.js';
import { makeFolder, makeFolderSync } from '../../kernel/make-folder.js';
import { openFileSource } from '../../protocol/package/source.js';
import {
  type Blobs,
  checkBlobKey,
  type ListedBlob,
  missingBlob,
  type StoredBlob,
  takenBlob,
} from './blobs.js';
import { incomingName, sweepIncoming } from './incoming.js';

const WRITE_BATCH = 1024 * 1024;

/**
 * Blobs under `root/blobs`, being written under `root/incoming`; folders 0700, files 0600. What an earlier process
 * of this host left half-written is removed now.
 * @throws RocError ROC_DATA_DIR_UNUSABLE
 */
export function createDiskBlobs({ root }: { readonly root: string }): Blobs {
  const incoming = join(root, 'incoming');
  const stored = join(root, 'blobs');
  prepare(root, incoming, stored);
  const pathOf = (key: string) => {
    checkBlobKey(key);
    return join(stored, ...key.split('/'));
  };
  return {
    async put(key, body) {
      const target = pathOf(key);
      const temporary = join(incoming, incomingName(randomBytes(8).toString('hex')));
      try {
        const blob = await writeDurably(temporary, body);
        await makeFolders(stored, dirname(target));
        await linkInto(temporary, target, key);
        return blob;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async open(key) {
      return openFileSource(pathOf(key)).catch((error: unknown) => {
        throw isAbsent(error) ? missingBlob(key, error) : error;
      });
    },
    async get(key) {
      const handle = await open(pathOf(key), constants.O_RDONLY).catch((error: unknown) => {
        throw isAbsent(error) ? missingBlob(key, error) : error;
      });
      return handle.createReadStream({ highWaterMark: WRITE_BATCH });
    },
    async size(key) {
      const stats = await stat(pathOf(key)).catch((error: unknown) => {
        if (isAbsent(error)) return null;
        throw error;
      });
      return stats?.size ?? null;
    },
    async delete(key) {
      await rm(pathOf(key), { force: true });
    },
    list: (prefix) => listBelow(stored, '', prefix),
    downloadUrl: async () => null,
  };
}

async function* listBelow(
  folder: string,
  above: string,
  prefix: string,
): AsyncGenerator<ListedBlob, void, undefined> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const [path, key] = [join(folder, entry.name), `${above}${entry.name}`];
    if (entry.isDirectory()) yield* listBelow(path, `${key}/`, prefix);
    else if (key.startsWith(prefix)) {
      // It may have been deleted meanwhile.
      const stats = await stat(path).catch(() => null);
      if (stats !== null) yield { key, modifiedAt: stats.mtimeMs };
    }
  }
}

function prepare(root: string, incoming: string, stored: string): void {
  try {
    for (const folder of [incoming, stored]) makeFolderSync(folder, 0o700);
    sweepIncoming(incoming);
  } catch (cause) {
    throw new RocError('ROC_DATA_DIR_UNUSABLE', `the blob folder ${root} cannot be written`, {
      hint: 'Give roc a folder that its user may write (--data-dir, --blobs).',
      cause,
    });
  }
}

/** The next batch is made while the former one is on its way to the disk. */
async function writeDurably(path: string, body: AsyncIterable<Buffer>): Promise<StoredBlob> {
  const handle = await open(path, 'wx', 0o600);
  try {
    let size = 0;
    let batch: Buffer[] = [];
    let batched = 0;
    let writing: Promise<void> = Promise.resolve();
    const flush = async () => {
      await writing;
      const [pieces, bytes] = [batch, batched];
      batch = [];
      batched = 0;
      writing = writeAll(handle, pieces, bytes);
      // Awaited by the next flush; until then its failure must not count as unhandled.
      writing.catch(() => {});
    };
    for await (const piece of body) {
      batch.push(piece);
      batched += piece.length;
      size += piece.length;
      if (batched >= WRITE_BATCH) await flush();
    }
    await flush();
    await writing;
    await handle.sync();
    return { size };
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, pieces: Buffer[], bytes: number): Promise<void> {
  if (bytes === 0) return;
  const { bytesWritten } = await handle.writev(pieces);
  // A disk that fills up takes a part first; writeFile goes on with the rest and meets the error.
  if (bytesWritten < bytes) await handle.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

async function makeFolders(top: string, folder: string): Promise<void> {
  const first = await makeFolder(folder, 0o700);
  if (first === undefined) return;
  for (let dir = folder; dir !== top; dir = dirname(dir)) await syncFolder(dirname(dir));
}

async function linkInto(temporary: string, target: string, key: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? takenBlob(key, error) : error;
  }
  await syncFolder(dirname(target));
}

// The name is durable only when its folder is; Windows cannot open a folder and needs no such thing.
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
