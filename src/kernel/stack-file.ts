/** The stack's outputs as `roc provision` leaves them: `.roc/stack-outputs.json` beside roc.yaml. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RocError } from './errors.js';
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

/** Where that file is: beside the roc.yaml that was found, else in the working directory. */
function stackFilePath(configFile: string | null, cwd: string): string {
  return join(configFile === null ? cwd : dirname(configFile), '.roc', 'stack-outputs.json');
}
