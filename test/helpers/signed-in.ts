/** A fake server and the environment of a shell that is signed in to it, for tests of client commands. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '@oclif/core';
import { type FakeApi, type FakeRoutes, startFakeApi } from './fake-api.js';
import { type CommandEnd, runCommand } from './run-command.js';
import { makeTempDir, removeDir } from './temp-dir.js';

export interface SignedIn {
  readonly api: FakeApi;
  /** A folder of its own, that goes away with {@link close}. */
  readonly dir: string;
  /** What the commands take for the system's temporary folder. */
  readonly temporary: string;
  readonly env: Readonly<Record<string, string>>;
  run(command: typeof Command, ...argv: string[]): Promise<CommandEnd>;
  close(): Promise<void>;
}

export async function signedIn(routes: FakeRoutes = {}): Promise<SignedIn> {
  const api = await startFakeApi(routes);
  const dir = makeTempDir('client');
  const temporary = join(dir, 'tmp');
  mkdirSync(temporary);
  const env = { ROC_URL: api.url, ROC_TOKEN: 'token-of-ada', XDG_CONFIG_HOME: dir, TMPDIR: temporary };
  return {
    api,
    dir,
    temporary,
    env,
    run: (command, ...argv) => runCommand(command, argv, { env }),
    close: async () => {
      await api.close();
      removeDir(dir);
    },
  };
}
