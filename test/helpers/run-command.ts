/** Runs a command class in this process: no build needed, mocks and coverage see it; what it prints is caught. */
import { type Command, Config } from '@oclif/core';
import { projectRoot } from './project.js';

export interface CommandEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Stdout as JSON. */
  json<T = Record<string, unknown>>(): T;
}

interface RunOptions {
  /** Replaces the environment's ROC_*, AWS_* and XDG_* variables for the run. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called once the command runs, with a look at its output so far. */
  readonly meanwhile?: (output: { stdout: () => string; stderr: () => string }) => Promise<void>;
}

let config: Promise<Config> | undefined;

export async function runCommand(
  command: typeof Command,
  argv: readonly string[] = [],
  options: RunOptions = {},
): Promise<CommandEnd> {
  config ??= Config.load({ root: projectRoot, devPlugins: false, userPlugins: false });
  const loaded = await config;
  const caught = { stdout: '', stderr: '' };
  const restore = [
    catchWrites('stdout', (text) => {
      caught.stdout += text;
    }),
    catchWrites('stderr', (text) => {
      caught.stderr += text;
    }),
    replaceEnv(options.env ?? {}),
  ];
  const formerExitCode = process.exitCode;
  process.exitCode = undefined;
  try {
    const run = (command as unknown as { run(argv: string[], config: Config): Promise<unknown> }).run(
      [...argv],
      loaded,
    );
    await options.meanwhile?.({ stdout: () => caught.stdout, stderr: () => caught.stderr });
    await run;
    const { stdout, stderr } = caught;
    return { stdout, stderr, exitCode: Number(process.exitCode ?? 0), json: () => JSON.parse(stdout) };
  } finally {
    process.exitCode = formerExitCode;
    for (const undo of restore.reverse()) undo();
  }
}

function catchWrites(name: 'stdout' | 'stderr', add: (text: string) => void): () => void {
  const stream = process[name];
  const write = stream.write;
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    add(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const done = rest.find((value) => typeof value === 'function') as (() => void) | undefined;
    done?.();
    return true;
  }) as typeof stream.write;
  return () => {
    stream.write = write;
  };
}

function replaceEnv(env: Readonly<Record<string, string>>): () => void {
  const former = { ...process.env };
  for (const name of Object.keys(process.env)) if (/^(ROC|AWS|XDG)_/.test(name)) delete process.env[name];
  Object.assign(process.env, env);
  return () => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, former);
  };
}
