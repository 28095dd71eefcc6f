/** Reads the backup policy and knows its hash, which stands in the evidence. */
import { join } from 'node:path';
import { RocError } from '../kernel/errors.js';
import { type PolicyFile, readPolicyFile } from '../kernel/policy-file.js';
import { type Asset, type BackupPolicy, backupPolicySchema } from './model.js';

export type LoadedPolicy = PolicyFile<BackupPolicy>;

/**
 * @param file the user's policy; undefined means the shipped one
 * @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID with the line
 */
export async function loadBackupPolicy(packageRoot: string, file: string | undefined): Promise<LoadedPolicy> {
  return readPolicyFile(file ?? join(packageRoot, 'policies', 'backup.yaml'), backupPolicySchema);
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
