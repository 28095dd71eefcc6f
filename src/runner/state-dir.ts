/** What a runner keeps on its disk, and where. */
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
