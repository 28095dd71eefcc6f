/** The posture's policy: the shipped one, or a file of the user's. */
import { join } from 'node:path';
import { canonicalSha256 } from '../kernel/canonical-json.js';
import { RocError } from '../kernel/errors.js';
import { readPolicyFile } from '../kernel/policy-file.js';
import { CONTROLS } from './decide.js';
import { type PosturePolicy, posturePolicySchema } from './policy.js';

export interface LoadedPolicy {
  readonly policy: PosturePolicy;
  /** Of its canonical JSON, hex; evidence carries it. */
  readonly sha256: string;
}

/**
 * @param file the user's policy; undefined means the shipped one
 * @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID with the line, or for a waiver of a control that is not there
 */
export async function loadPosturePolicy(
  packageRoot: string,
  file: string | undefined,
): Promise<LoadedPolicy> {
  const path = file ?? join(packageRoot, 'policies', 'posture.yaml');
  const { policy } = await readPolicyFile(path, posturePolicySchema);
  const unknown = policy.waivers.find(({ control }) => !CONTROLS.some(({ id }) => id === control));
  if (unknown === undefined) return { policy, sha256: canonicalSha256(policy) };
  // A waiver that names nothing would be taken for one that works.
  throw new RocError(
    'ROC_POLICY_INVALID',
    `${path}: a waiver names ${unknown.control}, which is no control`,
    {
      hint: '`roc posture check --json` lists the ids of all controls.',
    },
  );
}
