/** The stack's outputs as `roc provision` leaves them: `.roc/stack-outputs.json` beside roc.yaml. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RocError } from '../kernel/errors.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';

/** What the bastion needs of them; null where there is no such file. */
export type BastionOutputs = Partial<
  Pick<
    StackOutputs,
    'bastionInstanceId' | 'dbInstanceId' | 'dbEndpoint' | 'dbPort' | 'dbSecretArn' | 'region'
  >
>;

/** @throws RocError ROC_CONFIG_INVALID when the file is no JSON object */
export function readStackFile(configFile: string | null, cwd: string): BastionOutputs | null {
  const file = join(configFile === null ? cwd : dirname(configFile), '.roc', 'stack-outputs.json');
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
