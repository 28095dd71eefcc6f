/** Other programs as children of a test: their output kept, their end awaited, none left behind. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves at its end, with null as exit code where a signal ended it. */
  readonly ended: Promise<ProgramEnd>;
  /** Resolves with the first match of `pattern` in its output (both streams), at once where it is there already. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
  /** Asks it to end, kills it after `graceMs`; fine when it is gone already. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<ProgramEnd>;
}

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Written to its stdin, which is closed after it; `open` leaves it open for the caller. */
  readonly input?: string | Buffer | 'open' | undefined;
}

/** Starts a program without a shell. It is killed when this process ends, if it has not ended by itself. */
export function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Program {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: (options.env ?? process.env) as NodeJS.ProcessEnv,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  // A program that ends before it read its input breaks the pipe; its exit code tells the story.
  child.stdin.on('error', () => {});
  if (options.input !== 'open') child.stdin.end(options.input);
  const text = (name: 'stdout' | 'stderr') => Buffer.concat(chunks[name]).toString('utf8');
  const killWithUs = () => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
  }).finally(() => process.off('exit', killWithUs));
  ended.catch(() => {});

  return {
    pid: child.pid ?? -1,
    child,
    stdout: () => text('stdout'),
    stderr: () => text('stderr'),
    ended,
    waitFor: (pattern, timeoutMs = 20_000) => outputMatch(child, ended, pattern, timeoutMs, text, command),
    stop: async (signal = 'SIGTERM', graceMs = 10_000) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      return ended.finally(() => clearTimeout(timer));
    },
  };
}

function outputMatch(
  child: ChildProcess,
  ended: Promise<ProgramEnd>,
  pattern: RegExp,
  timeoutMs: number,
  text: (name: 'stdout' | 'stderr') => string,
  command: string,
): Promise<RegExpMatchArray> {
  const find = () => pattern.exec(text('stdout')) ?? pattern.exec(text('stderr'));
  return new Promise((resolve, reject) => {
    const settle = (match: RegExpMatchArray | null, why: string) => {
      clearTimeout(timer);
      child.stdout?.off('data', look);
      child.stderr?.off('data', look);
      if (match) resolve(match);
      else
        reject(new TypeError(`${command}: ${pattern} ${why}; it wrote:\n${text('stdout')}${text('stderr')}`));
    };
    const look = () => {
      const match = find();
      if (match) settle(match, '');
    };
    const timer = setTimeout(() => settle(find(), `did not appear in ${timeoutMs} ms`), timeoutMs);
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    ended.then(
      (end) => settle(find(), `did not appear before it ended (${end.signal ?? end.exitCode})`),
      (error) => settle(null, `could not appear (${error})`),
    );
    look();
  });
}
