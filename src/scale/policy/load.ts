/** Reads the scaling policy and knows its hash, which stands in every record of an action. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseWith } from '../../kernel/config.js';
import { RocError } from '../../kernel/errors.js';
import { readYamlDocument } from '../../kernel/yaml-document.js';
import { scalePolicySchema } from '../model.js';
import type { ScalePolicy } from './policy.js';

export interface LoadedScalePolicy {
  readonly policy: ScalePolicy;
  readonly file: string;
  /** SHA-256 of the file's bytes, lower-case hex. */
  readonly sha256: string;
}

/**
 * @param file the user's policy; undefined means the shipped one
 * @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID with the line
 */
export async function loadScalePolicy(
  packageRoot: string,
  file: string | undefined,
): Promise<LoadedScalePolicy> {
  const path = file ?? join(packageRoot, 'policies', 'scale.yaml');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${path} cannot be read`, { hint: 'Check the path.', cause });
  });
  const document = readYamlDocument(text);
  const [problem] = document.problems;
  if (problem !== undefined)
    throw new RocError('ROC_POLICY_INVALID', `${path}:${problem.line ?? 1}: ${problem.message}`, {
      hint: 'Correct the YAML at that line.',
    });
  const policy = parseWith(scalePolicySchema, document.value, {
    what: 'policy',
    file: path,
    code: 'ROC_POLICY_INVALID',
  });
  return { policy, file: path, sha256: createHash('sha256').update(text).digest('hex') };
}
