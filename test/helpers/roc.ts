/** The built roc as a user runs it: own process, clean environment, own home; needs `npm run build` before. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, type ProgramEnd, startProgram } from './program.js';
import { projectPath, projectRoot } from './project.js';
import { makeTempDir, removeDir } from './temp-dir.js';

export interface RocOptions {
  readonly cwd?: string;
  /** Added to the clean environment; nothing of the test's own environment but PATH gets through. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Buffer;
  /** Home folder; by default one temporary home for the whole test file. */
  readonly home?: string;
  /** Killed after this; 30 s by default. */
  readonly timeoutMs?: number;
  /** Another build than this project's: the folder of its package.json. */
  readonly root?: string | undefined;
  /** Another Node than this one. */
  readonly node?: string;
}

export interface RocResult extends ProgramEnd {
  readonly stdout: string;
  readonly stderr: string;
  /** Stdout as JSON; throws with both outputs in the message where it is none. */
  json<T = unknown>(): T;
}

/** Runs `roc …args` to its end. */
export async function runRoc(args: readonly string[], options: RocOptions = {}): Promise<RocResult> {
  const program = startRoc(args, options);
  const timer = setTimeout(() => program.child.kill('SIGKILL'), options.timeoutMs ?? 30_000);
  const end = await program.ended.finally(() => clearTimeout(timer));
  const stdout = program.stdout();
  const stderr = program.stderr();
  return { ...end, stdout, stderr, json: <T>() => parsed<T>(args, stdout, stderr) };
}

/** Starts `roc …args` and leaves it running: servers, runners, `logs -f`. Stop it with `stop()`. */
export function startRoc(args: readonly string[], options: RocOptions = {}): Program {
  if (!existsSync(projectPath('dist/launch.js')))
    throw new TypeError('roc is not built: run `npm run build`');
  const home = options.home ?? sharedHome();
  return startProgram(
    options.node ?? process.execPath,
    [join(options.root ?? projectRoot, 'bin/roc.cjs'), ...args],
    {
      cwd: options.cwd ?? home,
      env: { ...cleanEnv(home), ...options.env },
      input: options.input,
    },
  );
}

/** The environment of a user who has set nothing. */
export function cleanEnv(home: string): Record<string, string | undefined> {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_STATE_HOME: join(home, '.local/state'),
    XDG_DATA_HOME: join(home, '.local/share'),
    TMPDIR: process.env['TMPDIR'],
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };
}

let home: string | undefined;

function sharedHome(): string {
  if (home === undefined) {
    const made = makeTempDir('home');
    process.once('exit', () => removeDir(made));
    home = made;
  }
  return home;
}

function parsed<T>(args: readonly string[], stdout: string, stderr: string): T {
  try {
    return JSON.parse(stdout) as T;
  } catch (cause) {
    throw new TypeError(`roc ${args.join(' ')} printed no JSON:\n${stdout}\n--- stderr\n${stderr}`, {
      cause,
    });
  }
}
