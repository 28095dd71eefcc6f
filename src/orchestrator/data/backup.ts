/** `roc data backup` and `restore`: an embedded installation as a folder of files with their digests. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { cp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import Database from 'libsql';
import { z } from 'zod';
import { RocError } from '../../kernel/errors.js';
import { makeFolder } from '../../kernel/make-folder.js';

const MANIFEST = 'manifest.json';
/** What belongs to an installation; locks, half-written uploads and the work of a runner do not. */
const FOLDERS = ['blobs', 'keys'] as const;

const manifestSchema = z.strictObject({
  kind: z.literal('roc-data-backup'),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.number().int(), sha256: z.string() })),
});

export type BackupManifest = z.output<typeof manifestSchema>;

/**
 * Copies the data folder of a server, running or not, into a new folder. The database is one instant of it; blobs are
 * never changed once they are written, so those that it names are all there. The keys are in it: guard it like them.
 * @throws RocError ROC_CONFLICT where the target exists, ROC_DATA_DIR_UNUSABLE
 */
export async function backupDataDir(dataDir: string, target: string, now: Date): Promise<BackupManifest> {
  await refuseExisting(target);
  const partial = join(dirname(target), `.${basename(target)}.partial`);
  await rm(partial, { recursive: true, force: true });
  await makeFolder(partial, 0o700);
  try {
    snapshot(join(dataDir, 'roc.db'), join(partial, 'roc.db'));
    for (const folder of FOLDERS) await copyFolder(join(dataDir, folder), join(partial, folder));
    const files = await filesBelow(partial);
    const manifest: BackupManifest = {
      kind: 'roc-data-backup',
      version: 1,
      createdAt: now.toISOString(),
      files,
    };
    await writeFile(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    await syncAll(partial);
    await rename(partial, target);
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Puts a backup where no data folder is, after every file of it has been checked.
 * @throws RocError ROC_CONFLICT, ROC_INVALID_INPUT, ROC_CHECK_FAILED
 */
export async function restoreDataDir(backup: string, dataDir: string): Promise<BackupManifest> {
  await refuseExisting(dataDir);
  const manifest = await readManifest(backup);
  const found = new Map((await filesBelow(backup)).map((file) => [file.path, file.sha256]));
  const damaged = manifest.files.filter(({ path, sha256 }) => found.get(path) !== sha256);
  if (damaged.length > 0) {
    const names = damaged.slice(0, 3).map(({ path }) => path);
    throw new RocError(
      'ROC_CHECK_FAILED',
      `${damaged.length} files of the backup are missing or damaged: ${names.join(', ')}`,
      {
        hint: 'Take another backup; nothing was restored.',
      },
    );
  }
  const partial = join(dirname(dataDir), `.${basename(dataDir)}.partial`);
  await rm(partial, { recursive: true, force: true });
  for (const { path } of manifest.files) {
    await makeFolder(dirname(join(partial, path)), 0o700);
    await cp(join(backup, path), join(partial, path), { preserveTimestamps: true });
  }
  await syncAll(partial);
  await rename(partial, dataDir);
  return manifest;
}

/** What SQLite itself writes as one consistent file, also while a server writes to the database. */
function snapshot(from: string, to: string): void {
  // The driver would make the file that is not there.
  if (!existsSync(from)) throw unreadable(from);
  let database: Database.Database | undefined;
  try {
    database = new Database(from);
    database.prepare('vacuum into ?').run(to);
  } catch (cause) {
    throw unreadable(from, cause);
  } finally {
    database?.close();
  }
}

function unreadable(file: string, cause?: unknown): RocError {
  return new RocError('ROC_DATA_DIR_UNUSABLE', `${file} cannot be read as a database of roc`, {
    hint: 'Pass the folder of an embedded server with --data-dir; MySQL is backed up with `roc backup`.',
    cause,
  });
}

async function copyFolder(from: string, to: string): Promise<void> {
  if ((await stat(from).catch(() => null)) === null) return;
  await cp(from, to, { recursive: true, preserveTimestamps: true });
}

async function refuseExisting(path: string): Promise<void> {
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? null : [path],
  );
  if (entries === null) return;
  throw new RocError('ROC_CONFLICT', `${path} exists already`, {
    hint: 'Name a folder that does not exist yet.',
  });
}

async function readManifest(backup: string): Promise<BackupManifest> {
  const text = await readFile(join(backup, MANIFEST), 'utf8').catch(() => '');
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new RocError('ROC_INVALID_INPUT', `${backup} is no backup of a data folder`, {
      hint: `It needs the ${MANIFEST} that \`roc data backup\` writes.`,
      cause,
    });
  }
}

async function filesBelow(root: string): Promise<BackupManifest['files']> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: BackupManifest['files'] = [];
  for (const path of paths.sort()) {
    const name = relative(root, path).replaceAll('\\', '/');
    if (name === MANIFEST) continue;
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of createReadStream(path)) {
      hash.update(piece as Buffer);
      bytes += (piece as Buffer).length;
    }
    files.push({ path: name, bytes, sha256: hash.digest('hex') });
  }
  return files;
}

async function syncAll(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const handle = await open(join(entry.parentPath, entry.name), 'r');
    await handle.sync().finally(() => handle.close());
  }
}
