/** Deploying a version to an environment, and going back to a former one: both append a deployment. */
import { RocError } from '../../kernel/errors.js';
import { formerVersion } from '../decide/rollback.js';
import {
  type Deployment,
  type DeploymentTarget,
  getDeployment,
  insertDeployment,
  listHistory,
  lockRobot,
} from '../store/deployments.js';
import { requirePlace } from '../store/places.js';
import { ensureProcess } from '../store/processes.js';
import type { Tx } from '../store/store.js';
import { getVersion, requireRobot } from '../store/versions.js';
import { requireSignature } from './require-signature.js';

export interface DeployArgs {
  readonly tenantId: string;
  readonly project: string;
  readonly robot: string;
  readonly version: string;
  readonly environment: string;
  readonly reason?: string | undefined;
  readonly createdBy: string;
}

export type RollbackArgs = Omit<DeployArgs, 'version'> & { readonly version?: string | undefined };

/**
 * Makes a version what new jobs run in an environment; a process of the robot's name is made where there is none.
 * @throws RocError ROC_NOT_FOUND, ROC_CONFLICT for a yanked version
 */
export async function deploy(tx: Tx, args: DeployArgs): Promise<Deployment & { processCreated: boolean }> {
  const target = await lockTarget(tx, args);
  const versionId = await deployableVersion(tx, args);
  const deployment = await append(tx, target, { ...args, versionId, kind: 'deploy' });
  const processCreated = await ensureProcess(tx, { ...args, process: args.robot });
  return { ...deployment, processCreated };
}

/**
 * Deploys the version that ran before the present one, or the one named.
 * @throws RocError ROC_NOT_FOUND, ROC_CONFLICT when there is nothing to go back to or it was yanked
 */
export async function rollback(tx: Tx, args: RollbackArgs): Promise<Deployment> {
  const target = await lockTarget(tx, args);
  const { version } = args;
  const versionId =
    version === undefined
      ? formerVersion(await listHistory(tx, target))
      : await deployableVersion(tx, { ...args, version });
  if (versionId === null) {
    throw new RocError('ROC_CONFLICT', `${args.robot} has no former version in ${args.environment}`, {
      hint: 'Name one with --to; `roc deployments list` shows what ran there.',
    });
  }
  return append(tx, target, { ...args, versionId, kind: 'rollback' });
}

async function lockTarget(tx: Tx, args: RollbackArgs): Promise<DeploymentTarget> {
  const { tenantId } = args;
  const robotId = await requireRobot(tx, args);
  const environmentId = await requirePlace(tx, 'environment', tenantId, args.environment);
  await lockRobot(tx, robotId);
  return { tenantId, robotId, environmentId };
}

async function deployableVersion(tx: Tx, args: DeployArgs): Promise<string> {
  const { shown } = await getVersion(tx, args);
  if (shown.state === 'published') return shown.id;
  throw new RocError('ROC_CONFLICT', `${args.robot}@${args.version} was yanked`, {
    hint: 'Deploy another version; `roc robots versions` lists them.',
  });
}

async function append(
  tx: Tx,
  target: DeploymentTarget,
  args: RollbackArgs & { readonly versionId: string; readonly kind: 'deploy' | 'rollback' },
): Promise<Deployment> {
  await requireSignature(tx, { ...target, versionId: args.versionId });
  const [active] = await listHistory(tx, target);
  const id = await insertDeployment(tx, {
    ...target,
    seq: (active?.seq ?? 0) + 1,
    versionId: args.versionId,
    previousVersionId: active?.versionId ?? null,
    kind: args.kind,
    reason: args.reason ?? null,
    createdBy: args.createdBy,
  });
  return getDeployment(tx, target.tenantId, id);
}
