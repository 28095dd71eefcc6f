/** `--input`: JSON as it stands, from a file (`@file`) or from standard input (`@-`). */
import { readFile, stat } from 'node:fs/promises';
import { isRocError, RocError } from '../kernel/errors.js';
import { readStdin } from './stdin.js';

/** What the server takes as a whole request; more is refused before it is read. */
const MAX_BYTES = 1024 * 1024;

/** @throws RocError ROC_USAGE, ROC_TOO_LARGE */
export async function readJobInput(text: string): Promise<unknown> {
  const [json, source] = text.startsWith('@') ? await contentOf(text.slice(1)) : [text, '--input'];
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new RocError('ROC_USAGE', `${source} is no JSON: ${(cause as Error).message}`, {
      hint: `Write JSON, for example --input '{"month":"2026-01"}', or --input @file.json.`,
      cause,
    });
  }
}

async function contentOf(name: string): Promise<[string, string]> {
  if (name === '-') return [await readStdin(MAX_BYTES), 'standard input'];
  try {
    const { size } = await stat(name);
    if (size > MAX_BYTES) throw tooLarge(name, size);
    return [await readFile(name, 'utf8'), name];
  } catch (cause) {
    if (isRocError(cause)) throw cause;
    throw new RocError('ROC_USAGE', `the input file ${name} cannot be read`, {
      hint: 'Check the path after the @.',
      cause,
    });
  }
}

function tooLarge(name: string, size: number): RocError {
  return new RocError('ROC_TOO_LARGE', `${name} has ${size} bytes, an input at most ${MAX_BYTES}`, {
    hint: 'Give the robot a place to read it from instead.',
  });
}
