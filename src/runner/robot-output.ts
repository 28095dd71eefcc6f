/** Reads what a robot prints: lines into its log, progress out of it, the last words of its stderr kept. */
import type { Readable } from 'node:stream';
import type { Clock } from '../kernel/time.js';
import type { JobLog } from './job-log.js';
import { createLineSplitter } from './line-splitter.js';
import { type Progress, parseProgress } from './progress-line.js';
import type { Redactor } from './redactor.js';

export interface RobotOutput {
  /** Resolves when both pipes are at their end or were cut. */
  readonly done: Promise<unknown>;
  /** The last line on stderr that is not blank. */
  lastError(): string | null;
}

export interface RobotOutputOptions {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly log: JobLog;
  /** Hides what was handed to the robot; nothing was where there is none. */
  readonly redactor?: Redactor | undefined;
  readonly wall: Clock;
  readonly onProgress: (progress: Progress) => void;
}

/** Starts to read. A pipe is read no faster than the log takes lines, which in the end slows the robot down. */
export function readRobotOutput({
  stdout,
  stderr,
  log,
  redactor,
  wall,
  onProgress,
}: RobotOutputOptions): RobotOutput {
  let lastError: string | null = null;
  const read = async (pipe: Readable, stream: 'stdout' | 'stderr', onLine: (line: string) => void) => {
    const splitter = createLineSplitter({ redactor });
    const take = (lines: readonly string[]) => {
      for (const line of lines) onLine(line);
      log.add(stream, lines, wall());
    };
    try {
      for await (const chunk of pipe) {
        take(splitter.push(chunk as Buffer));
        await log.room();
      }
    } catch {
      // Cut: something that got away still held the pipe.
    }
    take(splitter.end());
  };
  const done = Promise.all([
    read(stdout, 'stdout', (line) => {
      const progress = parseProgress(line);
      if (progress !== null) onProgress(progress);
    }),
    read(stderr, 'stderr', (line) => {
      if (line.trim() !== '') lastError = line.trim();
    }),
  ]);
  return { done, lastError: () => lastError };
}
