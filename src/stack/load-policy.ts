/** The stack's policy: the shipped one, or a file of the user's. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { parseWith } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { readYamlDocument } from '../kernel/yaml-document.js';
import { type StackPolicy, stackPolicySchema } from './check/policy.js';

/**
 * @param file the user's policy; undefined means the shipped one
 * @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID with the line
 */
export async function loadStackPolicy(packageRoot: string, file: string | undefined): Promise<StackPolicy> {
  return readPolicyFile(file ?? join(packageRoot, 'policies', 'stack.yaml'), stackPolicySchema);
}

/** Any policy file of this room. */
export async function readPolicyFile<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${path} cannot be read`, { hint: 'Check the path.', cause });
  });
  const { value, problems } = readYamlDocument(text);
  const [problem] = problems;
  if (problem !== undefined)
    throw new RocError('ROC_POLICY_INVALID', `${path}:${problem.line ?? 1}: ${problem.message}`, {
      hint: 'Correct the YAML at that line.',
    });
  return parseWith(schema, value, { what: 'policy', file: path, code: 'ROC_POLICY_INVALID' });
}
