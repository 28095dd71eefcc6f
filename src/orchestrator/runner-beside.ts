/** The runner of --with-runner: another process that is given a URL and a one-time token, and nothing else of the server. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Log } from '../kernel/log.js';
import { MINUTE, SECOND } from '../kernel/time.js';

export interface RunnerBesideOptions {
  /** The launcher, bin/roc.cjs. */
  readonly program: string;
  readonly url: string;
  readonly name: string;
  readonly pool: string;
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** A fresh registration token for each start; a runner that is registered does not use it. */
  readonly newToken: () => Promise<string>;
  readonly log: Log;
}

export interface RunnerBeside {
  /** Asks it to end, then insists; resolves when it is gone. */
  stop(): Promise<void>;
}

const FIRST_BACKOFF_MS = SECOND;
const LAST_BACKOFF_MS = MINUTE;
/** One that has lived so long did not fail at its start. */
const STEADY_AFTER_MS = MINUTE;
const ASK_MS = 10 * SECOND;
const INSIST_MS = 5 * SECOND;

export function startRunnerBeside(options: RunnerBesideOptions): RunnerBeside {
  const { log } = options;
  let isStopping = false;
  let child: ChildProcess | null = null;
  let wake = () => {};
  const live = async () => {
    for (let backoffMs = FIRST_BACKOFF_MS; !isStopping; ) {
      const from = performance.now();
      try {
        const token = await options.newToken();
        if (isStopping) return;
        child = spawnRunner(options, token);
        const end = await endOf(child);
        child = null;
        if (isStopping) return;
        log.warn({ end, backoffMs }, 'the runner beside the server ended and is started again');
      } catch (error) {
        child = null;
        log.warn({ err: error, backoffMs }, 'the runner beside the server could not be started');
      }
      if (performance.now() - from > STEADY_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, backoffMs).unref();
      });
      backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS);
    }
  };
  const life = live();
  return {
    stop: async () => {
      isStopping = true;
      wake();
      if (child !== null) await endChild(child);
      await life;
    },
  };
}

function spawnRunner(
  { program, url, name, pool, stateDir, env }: RunnerBesideOptions,
  token: string,
): ChildProcess {
  const args = ['runner', 'start', '--url', url, '--name', name, '--pool', pool, '--state-dir', stateDir];
  return spawn(process.execPath, [program, ...args], {
    // A group of its own: Ctrl-C in the server's terminal must reach it once, by way of the server.
    detached: true,
    // The channel's end tells it that the server is gone, however that came about. Its output goes to our stderr.
    stdio: ['ignore', 2, 2, 'ipc'],
    env: { ...runnerEnv(env), ROC_RUNNER_TOKEN: token },
  });
}

const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|NO_COLOR|SYSTEMROOT|SYSTEMDRIVE|COMSPEC|PATHEXT|WINDIR|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|NODE_EXTRA_CA_CERTS|ROC_RUNNER__.*)$/i;

/** No password, database URL or credential of the server reaches the runner, and so no robot. */
export function runnerEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name)));
}

async function endChild(child: ChildProcess): Promise<void> {
  const end = endOf(child);
  if (child.connected) child.disconnect();
  if (await isOver(end, ASK_MS)) return;
  child.kill('SIGTERM');
  if (await isOver(end, INSIST_MS)) return;
  child.kill('SIGKILL');
  await end;
}

function endOf(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve(String(child.signalCode ?? child.exitCode));
  }
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve(String(signal ?? code)));
    child.once('error', reject);
  });
}

async function isOver(end: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const over = await Promise.race([end.then(() => true), late]);
  clearTimeout(timer);
  return over;
}
