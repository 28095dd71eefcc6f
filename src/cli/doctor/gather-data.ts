/** What an embedded server keeps on this disk: looked at from outside, nothing is changed. */
import { access, constants, open, readFile, stat, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { SECOND } from '../../kernel/time.js';
import { messageOf } from './gather-host.js';
import type { DatabaseFacts, DataDirFacts, KeyFacts } from './model.js';

/** Where a server's parts lie; the server's own configuration says it. */
export interface DataPlaces {
  readonly dataDir: string;
  /** `sqlite:PATH` or `mysql://…` */
  readonly database: string;
  /** Null where they do not lie on this disk. */
  readonly blobsDir: string | null;
  readonly masterKey: string | null;
  readonly signingKeys: string;
}

/** Null where there is no data folder. */
export async function gatherData(places: DataPlaces): Promise<DataDirFacts | null> {
  const { dataDir } = places;
  const stats = await stat(dataDir).catch(() => null);
  if (stats === null) return null;
  const { bavail, bsize } = await statfs(dataDir);
  return {
    path: dataDir,
    mode: stats.mode & 0o777,
    isWritable: await may(dataDir, constants.W_OK | constants.X_OK),
    freeBytes: bavail * bsize,
    holder: await holderOf(dataDir),
    database: await gatherDatabase(places.database),
    blobs: await gatherBlobs(places.blobsDir),
    keys: await Promise.all(keyFilesOf(places).map(gatherKey)),
  };
}

function keyFilesOf({ masterKey, signingKeys }: DataPlaces): string[] {
  // Keys that lie with AWS are no files of this host.
  const signing = signingKeys.startsWith('secretsmanager:') ? [] : [signingKeys];
  return masterKey === null ? signing : [masterKey, ...signing];
}

async function gatherBlobs(path: string | null): Promise<DataDirFacts['blobs']> {
  return path === null ? null : { path, isUsable: await may(path, constants.R_OK | constants.W_OK) };
}

async function holderOf(dataDir: string): Promise<number | null> {
  const pid = Number((await readFile(join(dataDir, 'server.pid'), 'utf8').catch(() => '')).trim());
  if (!Number.isInteger(pid) || pid <= 0) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : null;
  }
}

async function gatherDatabase(url: string): Promise<DatabaseFacts> {
  if (!url.startsWith('sqlite:')) return gatherRemote(url);
  const path = url.slice('sqlite:'.length);
  return { kind: 'sqlite', path, state: await sqliteState(path) };
}

async function sqliteState(path: string): Promise<'absent' | 'unreadable' | 'foreign' | 'good'> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer } = await file.read(Buffer.alloc(16), 0, 16, 0);
      // https://www.sqlite.org/fileformat.html §1.3.1
      return buffer.toString('latin1') === 'SQLite format 3\0' ? 'good' : 'foreign';
    } finally {
      await file.close();
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'unreadable';
  }
}

async function gatherRemote(url: string): Promise<DatabaseFacts> {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null) return { kind: 'remote', at: 'the database', error: 'its address is no URL' };
  const port = Number(parsed.port || 3306);
  const at = `${parsed.hostname}:${port}`;
  return { kind: 'remote', at, error: await connectError(parsed.hostname, port) };
}

function connectError(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 5 * SECOND });
    const end = (error: string | null) => {
      socket.destroy();
      resolve(error);
    };
    socket.once('connect', () => end(null));
    socket.once('timeout', () => end('no answer within 5 s'));
    socket.once('error', (error) => end(messageOf(error)));
  });
}

async function gatherKey(path: string): Promise<KeyFacts> {
  const [file, folder] = await Promise.all([path, dirname(path)].map((each) => stat(each).catch(() => null)));
  return {
    path,
    mode: file ? file.mode & 0o777 : null,
    folderMode: folder ? folder.mode & 0o777 : null,
    isReadable: await may(path, constants.R_OK),
  };
}

function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
