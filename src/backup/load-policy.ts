/** Reads the backup policy and knows its hash, which stands in the evidence. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseWith } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { readYamlDocument } from '../kernel/yaml-document.js';
import { type Asset, type BackupPolicy, backupPolicySchema } from './model.js';

export interface LoadedPolicy {
  readonly policy: BackupPolicy;
  readonly file: string;
  /** SHA-256 of the file's bytes, lower-case hex. */
  readonly sha256: string;
}

/**
 * @param file the user's policy; undefined means the shipped one
 * @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID with the line
 */
export async function loadBackupPolicy(packageRoot: string, file: string | undefined): Promise<LoadedPolicy> {
  const path = file ?? join(packageRoot, 'policies', 'backup.yaml');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${path} cannot be read`, { hint: 'Check the path.', cause });
  });
  const document = readYamlDocument(text);
  const [problem] = document.problems;
  if (problem !== undefined)
    throw new RocError('ROC_POLICY_INVALID', `${path}:${problem.line ?? 1}: ${problem.message}`, {
      hint: 'Correct the YAML at that line.',
    });
  const policy = parseWith(backupPolicySchema, document.value, {
    what: 'policy',
    file: path,
    code: 'ROC_POLICY_INVALID',
  });
  return { policy, file: path, sha256: createHash('sha256').update(text).digest('hex') };
}

/**
 * The asset that a person named; with one only, nobody need name it.
 * @throws RocError ROC_USAGE
 */
export function chooseAsset<T extends Asset['type']>(
  { policy, file }: LoadedPolicy,
  id: string | undefined,
  types: readonly T[],
): Extract<Asset, { type: T }> {
  const fitting = policy.assets.filter((asset): asset is Extract<Asset, { type: T }> =>
    (types as readonly string[]).includes(asset.type),
  );
  const names = fitting.map((asset) => asset.id).join(', ') || 'none';
  if (id === undefined) {
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) return only;
    throw new RocError('ROC_USAGE', 'no asset is named', { hint: `Name one of ${file}: ${names}.` });
  }
  const found = fitting.find((asset) => asset.id === id);
  if (found !== undefined) return found;
  const other = policy.assets.find((asset) => asset.id === id);
  throw new RocError(
    'ROC_USAGE',
    other === undefined
      ? `${file} has no asset ${id}`
      : `${id} is of type ${other.type}, not ${types.join(' or ')}`,
    { hint: `Fitting assets are: ${names}.` },
  );
}
