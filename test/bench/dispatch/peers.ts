/** pg-boss and graphile-worker on Debian's PostgreSQL, BullMQ on Debian's redis: each as its makers say it is durable. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../helpers/free-port.js';
import { type Program, startProgram } from '../../helpers/program.js';
import { findProgram } from '../../helpers/programs.js';
import { projectPath } from '../../helpers/project.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

export type PeerName = 'pg-boss' | 'graphile-worker' | 'bullmq';

export interface Figures {
  readonly perSecond: number;
  /** Processor time that a job takes everywhere: workers, server, database. */
  readonly cpuUs: number;
  /** Milliseconds from enqueue to claim of jobs that came one by one. */
  readonly waits: readonly number[];
}

/** Null where the peer or its database is not on this machine. */
export async function measurePeer(peer: PeerName, jobs: number, batch: number): Promise<Figures | null> {
  const database = await startPeerDatabase(peer);
  if (database === null) return null;
  try {
    const run = projectPath('test/bench/peers/run.mjs');
    const text = execFileSync(
      process.execPath,
      [run, peer, database.url, `${jobs}`, `${batch}`, `${database.pid}`],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: 600_000,
      },
    );
    return JSON.parse(text.toString()) as Figures;
  } finally {
    await database.stop();
  }
}

/** An empty one of its own; null where it or the peer is not on this machine. */
export async function startPeerDatabase(peer: PeerName): Promise<Database | null> {
  if (!install()) return null;
  return peer === 'bullmq' ? startRedis() : startPostgres();
}

/** Into a folder of their own: they are no dependency of roc. */
function install(): boolean {
  const folder = projectPath('test/bench/peers');
  if (existsSync(join(folder, 'node_modules/bullmq'))) return true;
  const options = { cwd: folder, stdio: 'ignore' as const };
  // Not `npm ci`: that demands what a lock leaves out for other systems.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  return spawnSync('npm', args, options).status === 0;
}

export interface Database {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** fsync and synchronous_commit are on by default and stay on. */
async function startPostgres(): Promise<Database | null> {
  const bin = postgresBin();
  if (bin === null) return null;
  const dir = makeTempDir('postgres');
  const data = join(dir, 'data');
  mkdirSync(data, { mode: 0o700 });
  // It refuses to run as root.
  const asUser = userInfo().uid === 0 ? postgresUser() : null;
  if (asUser !== null) for (const path of [dir, data]) chownSync(path, asUser.uid, asUser.gid);
  const options = asUser === null ? {} : asUser;
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust'], {
    ...options,
    stdio: 'ignore',
  });
  const port = await freePort();
  const args = ['-D', data, '-p', `${port}`, '-k', dir, '-c', 'listen_addresses=127.0.0.1'];
  const drop =
    asUser === null ? [] : ['setpriv', `--reuid=${asUser.uid}`, `--regid=${asUser.gid}`, '--clear-groups'];
  const [command = '', ...rest] = [...drop, join(bin, 'postgres'), ...args];
  const program = startProgram(command, rest);
  await program.waitFor(/ready to accept connections/, 30_000);
  return {
    url: `postgres://bench@127.0.0.1:${port}/postgres`,
    pid: program.pid,
    stop: () => stopIn(dir, program, 'SIGINT'),
  };
}

/** As durable as the others: every write is on disk before it is answered. */
async function startRedis(): Promise<Database | null> {
  const redis = findProgram('redis-server');
  if (redis === null) return null;
  const dir = makeTempDir('redis');
  const port = await freePort();
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  const program = startProgram(redis, ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, ...durable]);
  await program.waitFor(/Ready to accept connections/, 30_000);
  return { url: `redis://127.0.0.1:${port}`, pid: program.pid, stop: () => stopIn(dir, program, 'SIGTERM') };
}

async function stopIn(dir: string, program: Program, signal: NodeJS.Signals): Promise<void> {
  await program.stop(signal, 20_000);
  removeDir(dir);
}

function postgresBin(): string | null {
  const top = '/usr/lib/postgresql';
  const newest = existsSync(top) ? readdirSync(top).sort().at(-1) : undefined;
  const bin = newest === undefined ? null : join(top, newest, 'bin');
  return bin !== null && existsSync(join(bin, 'initdb')) ? bin : null;
}

function postgresUser(): { uid: number; gid: number } {
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres']).toString());
  return { uid: idOf('-u'), gid: idOf('-g') };
}
