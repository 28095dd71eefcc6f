/** Starts a robot: no shell, a session and group of its own, three pipes and nothing else of the runner. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { RocError } from '../kernel/errors.js';
import type { ProcessEnd } from './outcome.js';

export interface RobotCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What stands on its stdin, then end of file. */
  readonly stdin: string;
}

export interface RobotProcess {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** When the process itself is gone; pipes may still hold what it wrote, or be held by its children. */
  readonly ended: Promise<ProcessEnd>;
}

/** @throws RocError ROC_NOT_FOUND where the system does not start it */
export async function startRobotProcess(command: RobotCommand): Promise<RobotProcess> {
  const child = spawned(command);
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const pid = child.pid;
  if (pid === undefined) throw await lateFailure(child, command.file);
  child.on('error', () => {});
  // A robot need not read its input; what it does not take is dropped with the pipe.
  child.stdin.on('error', () => {});
  child.stdin.end(command.stdin);
  return { pid, stdout: child.stdout, stderr: child.stderr, ended };
}

function spawned(command: RobotCommand): ChildProcessWithoutNullStreams {
  try {
    return spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: 'pipe',
      shell: false,
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (cause) {
    throw startFailure(command.file, cause as NodeJS.ErrnoException);
  }
}

/** Some failures are thrown by spawn, others come as an event; to the robot they are the same. */
function lateFailure(child: ChildProcessWithoutNullStreams, file: string): Promise<RocError> {
  return new Promise((resolve) => {
    child.once('error', (cause) => resolve(startFailure(file, cause)));
  });
}

function startFailure(file: string, cause: NodeJS.ErrnoException): RocError {
  const why = START_PROBLEMS[cause.code ?? ''] ?? `the system says ${cause.code}`;
  return new RocError('ROC_NOT_FOUND', `${basename(file)} could not be started: ${why}`, {
    hint: 'Check the entrypoint and what is installed on this host.',
    cause,
  });
}

const START_PROBLEMS: Readonly<Record<string, string>> = {
  // The file itself was found before: what is missing is the interpreter of its first line or its loader.
  ENOENT: 'the interpreter that its first line names is not on this host',
  EACCES: 'the system does not let this user execute it',
  ENOEXEC: 'it is not a program for this system',
  EAGAIN: 'this host has no room for another process',
  ENOMEM: 'this host has no memory for another process',
  E2BIG: 'its arguments are too long',
};
