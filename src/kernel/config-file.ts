/** Finds and reads roc.yaml; whatever is odd about the file is refused with its place, never guessed around. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { RocError } from './errors.js';

const LARGEST = 1_048_576;

/** The nearest roc.yaml from `cwd` upward, or null. */
export function findConfigFile(cwd: string): string | null {
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    const candidate = join(dir, 'roc.yaml');
    if (isFile(candidate)) {
      refusePlanted(candidate);
      return candidate;
    }
    if (dirname(dir) === dir) return null;
  }
}

/**
 * Reads a YAML file whose top is a mapping; an empty file is an empty mapping.
 * @throws RocError ROC_CONFIG_INVALID with file, line and what is wrong
 */
export function readConfigFile(file: string): Record<string, unknown> {
  const document = parseDocument(readText(file), { prettyErrors: true, uniqueKeys: true });
  // A warning is a value that was not understood (an unknown tag) and taken for something else.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw invalid(file, problem.message, 'Correct the YAML at that line.', problem);
  const value = toPlain(file, document) ?? {};
  if (!isMapping(value)) {
    const kind = Array.isArray(value) ? 'a list' : typeof value;
    throw invalid(file, `expected sections, got ${kind}`, 'Write `section:` lines with keys beneath them.');
  }
  return value;
}

/** True for what a YAML mapping becomes, and for nothing else. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function toPlain(file: string, document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw invalid(file, message, 'Write the values out instead of repeating them by aliases.', cause);
  }
}

function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > LARGEST)
      throw invalid(file, `${size} bytes, expected at most ${LARGEST}`, 'Is this the right file?');
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof RocError) throw cause;
    throw new RocError('ROC_CONFIG_INVALID', `${file} cannot be read`, {
      hint: 'Check the path given to --config and its permissions; `roc init` writes a new one.',
      cause,
    });
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

// In a folder where anybody may write (/tmp), somebody else's roc.yaml would send our credentials to their server.
function refusePlanted(file: string): void {
  if (process.getuid === undefined) return;
  const { uid } = statSync(file);
  const isOurs = uid === process.getuid() || uid === 0;
  if (isOurs || (statSync(dirname(file)).mode & 0o002) === 0) return;
  throw invalid(
    file,
    'belongs to another user, in a folder where anybody may write',
    'Pass it by --config if you trust it.',
  );
}

function invalid(file: string, message: string, hint: string, cause?: unknown): RocError {
  return new RocError('ROC_CONFIG_INVALID', `${file}: ${message.split('\n')[0]}`, { hint, cause });
}
