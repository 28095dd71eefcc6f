/** The stack's policy: the shipped one, or a file of the user's. */
import { join } from 'node:path';
import { readPolicyFile } from '../kernel/policy-file.js';
import { type StackPolicy, stackPolicySchema } from './check/policy.js';

/**
 * @param file the user's policy; undefined means the shipped one
 * @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID with the line
 */
export async function loadStackPolicy(packageRoot: string, file: string | undefined): Promise<StackPolicy> {
  const path = file ?? join(packageRoot, 'policies', 'stack.yaml');
  return (await readPolicyFile(path, stackPolicySchema)).policy;
}
