/** A built `roc serve` on a free port, a runner that is a program of its own, and shells that are signed in. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import type { Program } from './program.js';
import { type RocOptions, type RocResult, runRoc, startRoc } from './roc.js';
import { makeTempDir, removeDir } from './temp-dir.js';

export interface RunningRoc {
  readonly url: string;
  /** Removed at the end: `data` is in it, and homes of the shells. */
  readonly dir: string;
  /** `roc …args` in a shell that is signed in as the admin. */
  roc(args: readonly string[], options?: RocOptions): Promise<RocResult>;
  /** The same, left running. */
  start(args: readonly string[], options?: RocOptions): Program;
  /** Stops the server and starts it again on the same port and data; the runner goes on. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const PASSWORD = 'correct horse battery staple';

export async function startRunningRoc(): Promise<RunningRoc> {
  const dir = makeTempDir('serve');
  const home = join(dir, 'home');
  mkdirSync(home);
  const listen = `127.0.0.1:${await freePort()}`;
  const url = `http://${listen}`;
  const serve = async () => {
    const args = ['serve', '--listen', listen, '--data-dir', join(dir, 'data')];
    const program = startRoc(args, { home, env: { ROC_ADMIN_PASSWORD: PASSWORD } });
    await program.waitFor(/roc listens on/);
    return program;
  };
  let server = await serve();
  const login = ['login', '--url', url, '--email', 'admin@localhost', '--password-stdin'];
  const signedIn = await runRoc(login, { home, input: PASSWORD });
  if (signedIn.exitCode !== 0) throw new TypeError(`cannot sign in: ${signedIn.stderr}`);
  const roc = (args: readonly string[], options?: RocOptions) => runRoc(args, { home, ...options });
  const { token } = (await roc(['runners', 'token', '--json'])).json<{ token: string }>();
  const runner = startRoc(
    [
      'runner',
      'start',
      '--url',
      url,
      '--name',
      'one',
      '--slots',
      '4',
      '--state-dir',
      join(dir, 'runner'),
      '--json',
    ],
    { home, env: { ROC_RUNNER_TOKEN: token } },
  );
  return {
    url,
    dir,
    roc,
    start: (args, options) => startRoc(args, { home, ...options }),
    restart: async () => {
      await server.stop('SIGTERM', 60_000);
      server = await serve();
    },
    stop: async () => {
      await runner.stop('SIGTERM', 60_000);
      await server.stop('SIGTERM', 60_000);
      removeDir(dir);
    },
  };
}
