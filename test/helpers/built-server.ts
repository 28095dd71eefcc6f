/** The built `roc serve` on an embedded data folder, with a shell that is signed in to it as its admin. */
import { join } from 'node:path';
import type { Program } from './program.js';
import { type RocResult, runRoc, startRoc } from './roc.js';
import { makeTempDir, removeDir } from './temp-dir.js';

export interface BuiltServer {
  readonly url: string;
  /** Of the server's process. */
  readonly pid: number;
  readonly email: string;
  readonly password: string;
  readonly dataDir: string;
  /** The signed-in user's home. */
  readonly home: string;
  /** Runs a client command and expects exit 0; gives its JSON. */
  json<T = unknown>(...args: string[]): Promise<T>;
  /** Runs a client command, whatever its end. */
  run(...args: string[]): Promise<RocResult>;
  /** Starts a runner of its own state folder, which registers with a fresh token. */
  startRunner(name: string, ...flags: string[]): Promise<Program>;
  /** Starts the same runner again. */
  restartRunner(name: string, ...flags: string[]): Program;
  stateDirOf(name: string): string;
  stop(): Promise<void>;
}

export async function startBuiltServer(...flags: string[]): Promise<BuiltServer> {
  const top = makeTempDir('built');
  const [home, dataDir] = [join(top, 'home'), join(top, 'data')];
  const [email, password] = ['admin@localhost', 'correct horse battery staple'];
  const server = startRoc(['serve', '--listen', '127.0.0.1:0', '--data-dir', dataDir, '--json', ...flags], {
    cwd: top,
    // Benchmarks have a few fake runners that each ask as much as a thousand.
    env: { ROC_ADMIN_EMAIL: email, ROC_ADMIN_PASSWORD: password, ROC_SERVER__RUNNER_RPS: '1000000' },
  });
  const [, url = ''] = await server.waitFor(/"event":"listening","url":"([^"]+)"/);
  const run = (...args: string[]) => runRoc(args, { home, cwd: top, timeoutMs: 60_000 });
  const json = async <T>(...args: string[]): Promise<T> => {
    const result = await run(...args, '--json');
    if (result.exitCode !== 0) throw new TypeError(`roc ${args.join(' ')}: ${result.stdout}${result.stderr}`);
    return result.json<T>();
  };
  const stateDirOf = (name: string) => join(top, `state-${name}`);
  const runner = (name: string, flags: readonly string[], env = {}) =>
    startRoc(['runner', 'start', '--json', '--state-dir', stateDirOf(name), ...flags], { cwd: top, env });
  const login = ['login', '--url', url, '--email', email, '--password-stdin'];
  const signIn = await runRoc(login, { home, cwd: top, input: password });
  if (signIn.exitCode !== 0) throw new TypeError(`roc login: ${signIn.stderr}`);
  return {
    ...{ url, email, password, dataDir, home, run, json, stateDirOf, pid: server.pid },
    restartRunner: (name, ...more) => runner(name, more),
    async startRunner(name, ...more) {
      const { token } = await json<{ token: string }>('runners', 'token');
      return runner(name, ['--url', url, '--name', name, ...more], { ROC_RUNNER_TOKEN: token });
    },
    async stop() {
      await server.stop();
      removeDir(top);
    },
  };
}
