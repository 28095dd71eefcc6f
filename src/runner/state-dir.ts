/** What a runner keeps on its disk, and where. */
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { makePrivateDir } from './private-files.js';

export interface StateDir {
  readonly root: string;
  /** Its keys and what the server knows it as. */
  readonly identityFile: string;
  /** Held while an agent runs. */
  readonly lockFile: string;
  /** Encrypted packages. */
  readonly cache: string;
  /** One folder an attempt, gone when the attempt is. */
  readonly work: string;
  /** Results and log lines that the server has not taken yet. */
  readonly spool: string;
}

/** The state folder with its parts, made where they are missing; 0700. @throws RocError ROC_DATA_DIR_UNUSABLE */
export function openStateDir(path: string): StateDir {
  const root = resolve(path);
  const state = {
    root,
    identityFile: join(root, 'runner.json'),
    lockFile: join(root, 'agent.lock'),
    cache: join(root, 'cache'),
    work: join(root, 'work'),
    spool: join(root, 'spool'),
  };
  for (const dir of [root, state.cache, state.work, state.spool]) makePrivateDir(dir);
  return state;
}

/** Bytes that must go to disk before work is asked for: less than any robot with its result needs. */
const NEEDED_BYTES = 64 * 1024;

/** Why no robot could work here now, or null: a full or read-only disk would fail every job that comes. */
export function obstacleIn({ work, spool }: StateDir): string | null {
  for (const dir of [work, spool]) {
    const path = join(dir, `.room-${randomUUID()}`);
    try {
      writeFileSync(path, Buffer.alloc(NEEDED_BYTES), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      return `${dir} takes no files (${(error as NodeJS.ErrnoException).code})`;
    } finally {
      rmSync(path, { force: true });
    }
  }
  return null;
}

/** `$XDG_STATE_HOME/roc/runner`, `~/.local/state/roc/runner`, or `%LOCALAPPDATA%\roc\runner`. */
export function defaultStateDir(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  const top =
    platform === 'win32'
      ? (env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'))
      : (env['XDG_STATE_HOME'] ?? join(home, '.local', 'state'));
  return join(top, 'roc', 'runner');
}
