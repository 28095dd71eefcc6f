/** The stack's outputs as `roc provision` leaves them and the other rooms read them: `.roc/stack-outputs.json` beside roc.yaml. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RocError } from './errors.js';
import { makeFolderSync } from './make-folder.js';
import type { StackOutputs } from './stack-outputs.js';

/**
 * What the file holds; null where there is none.
 * @throws RocError ROC_CONFIG_INVALID when the file is no JSON object
 */
export function readStackFile(configFile: string | null, cwd: string): Partial<StackOutputs> | null {
  const file = stackFilePath(configFile, cwd);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new RocError('ROC_CONFIG_INVALID', `${file} holds no stack outputs`, {
    hint: 'Write it anew with `roc provision outputs --json`, or remove it.',
  });
}

/** Writes it whole or not at all; returns where. */
export function writeStackFile(configFile: string | null, cwd: string, outputs: StackOutputs): string {
  const file = stackFilePath(configFile, cwd);
  makeFolderSync(dirname(file));
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(outputs, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
  return file;
}

/** Where that file is: beside the roc.yaml that was found, else in the working directory. */
function stackFilePath(configFile: string | null, cwd: string): string {
  return join(configFile === null ? cwd : dirname(configFile), '.roc', 'stack-outputs.json');
}
