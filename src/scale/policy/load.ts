/** Reads the scaling policy and knows its hash, which stands in every record of an action. */
import { join } from 'node:path';
import { type PolicyFile, readPolicyFile } from '../../kernel/policy-file.js';
import { scalePolicySchema } from '../model.js';
import type { ScalePolicy } from './policy.js';

export type LoadedScalePolicy = PolicyFile<ScalePolicy>;

/**
 * @param file the user's policy; undefined means the shipped one
 * @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID with the line
 */
export async function loadScalePolicy(
  packageRoot: string,
  file: string | undefined,
): Promise<LoadedScalePolicy> {
  return readPolicyFile(file ?? join(packageRoot, 'policies', 'scale.yaml'), scalePolicySchema);
}
