/** What a robot left in the file named by ROC_OUTPUT; it may have left anything there. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { OutputFile } from './outcome.js';

/** Bytes; the server takes a request of 2 MiB, and JSON may grow when it is written again. */
export const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_DEPTH = 200;

// Neither a link to somewhere else nor a pipe that never answers.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export async function readOutputFile(path: string): Promise<OutputFile> {
  let text: string;
  try {
    const handle = await open(path, FLAGS);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return invalid('is not a regular file');
      if (stats.size > MAX_OUTPUT_BYTES)
        return invalid(`holds ${stats.size} bytes; at most ${MAX_OUTPUT_BYTES} are taken`);
      text = await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? { kind: 'none' } : invalid('cannot be read');
  }
  return parseOutput(text);
}

function parseOutput(text: string): OutputFile {
  if (text.trim() === '') return { kind: 'none' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid('is not JSON');
  }
  return isDeeperThan(value, MAX_DEPTH)
    ? invalid(`is nested deeper than ${MAX_DEPTH} levels`)
    : { kind: 'value', value };
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(inner, depth - 1));
}

function invalid(problem: string): OutputFile {
  return { kind: 'invalid', problem: `the output file (ROC_OUTPUT) ${problem}` };
}
