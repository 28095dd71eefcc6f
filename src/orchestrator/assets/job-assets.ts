/** Which assets a running job may read: those that its robot names and its process was given, of its own environment. */
import { RocError } from '../../kernel/errors.js';
import type { RowSeal } from '../auth/row-seals.js';
import { isGiven } from '../store/asset-grants.js';
import { findAssetFor, type StoredAsset } from '../store/assets.js';
import type { LeasedJob } from '../store/leased-jobs.js';
import type { Reader } from '../store/store.js';

export interface AssetProblem {
  readonly asset: string;
  readonly message: string;
}

/** What a job would miss of what its robot names: told before it starts. */
export async function problemsOf(reader: Reader, job: LeasedJob, seal: RowSeal): Promise<AssetProblem[]> {
  const problems: AssetProblem[] = [];
  for (const asset of job.assets) {
    const found = await lookUp(reader, job, asset, seal);
    if (typeof found === 'string') problems.push({ asset, message: found });
  }
  return problems;
}

/** @throws RocError ROC_FORBIDDEN for one that it may not read, ROC_NOT_FOUND */
export async function assetForJob(
  reader: Reader,
  job: LeasedJob,
  asset: string,
  seal: RowSeal,
): Promise<StoredAsset> {
  if (!job.assets.includes(asset)) {
    throw new RocError('ROC_FORBIDDEN', `robot.yaml of ${job.robot}@${job.version} does not name ${asset}`, {
      hint: 'Name it under `assets` and publish a new version.',
    });
  }
  const found = await lookUp(reader, job, asset, seal);
  if (typeof found !== 'string') return found;
  throw new RocError('ROC_FORBIDDEN', found, { hint: 'See `roc assets list`.' });
}

/** The asset, or why there is none for this job. */
async function lookUp(
  reader: Reader,
  { tenantId, project, processId, process, environment }: LeasedJob,
  asset: string,
  seal: RowSeal,
): Promise<StoredAsset | string> {
  const found = await findAssetFor(reader, { tenantId, project, asset, environment });
  if (found === null) return `the asset ${project}/${asset} does not exist for ${environment}`;
  if (found.secret === null) return found;
  if (await isGiven(reader, { assetId: found.shown.id, processId }, seal)) return found;
  const which = found.shown.environment === null ? '' : ` --in ${environment}`;
  return `the secret ${project}/${asset} is not given to the process ${process} (roc assets grant ${asset} --process ${process}${which})`;
}
