/** The posture's policy: the shipped one, or a file of the user's. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalSha256 } from '../kernel/canonical-json.js';
import { parseWith } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { readYamlDocument } from '../kernel/yaml-document.js';
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
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${path} cannot be read`, { hint: 'Check the path.', cause });
  });
  const { value, problems } = readYamlDocument(text);
  const [problem] = problems;
  if (problem !== undefined) {
    throw new RocError('ROC_POLICY_INVALID', `${path}:${problem.line ?? 1}: ${problem.message}`, {
      hint: 'Correct the YAML at that line.',
    });
  }
  const policy = parseWith(posturePolicySchema, value, {
    what: 'policy',
    file: path,
    code: 'ROC_POLICY_INVALID',
  });
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
