/** Policy files: YAML that is read whole, judged by its schema, and refused with the line that is wrong. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { parseWith } from './config.js';
import { RocError } from './errors.js';
import { readYamlDocument } from './yaml-document.js';

export interface PolicyFile<T> {
  readonly policy: T;
  readonly file: string;
  /** SHA-256 of the file's bytes, lower-case hex. */
  readonly sha256: string;
}

/** @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID with the line */
export async function readPolicyFile<S extends z.ZodType>(
  file: string,
  schema: S,
): Promise<PolicyFile<z.output<S>>> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${file} cannot be read`, { hint: 'Check the path.', cause });
  });
  const { value, problems } = readYamlDocument(bytes.toString('utf8'));
  const [problem] = problems;
  if (problem !== undefined)
    throw new RocError('ROC_POLICY_INVALID', `${file}:${problem.line ?? 1}: ${problem.message}`, {
      hint: 'Correct the YAML at that line.',
    });
  const policy = parseWith(schema, value, { what: 'policy', file, code: 'ROC_POLICY_INVALID' });
  return { policy, file, sha256: createHash('sha256').update(bytes).digest('hex') };
}
