/** Where a restored copy goes and what it is told: the policy, else the stack, else the source. Pure. */
import { RocError } from '../../kernel/errors.js';
import type { StackOutputs } from '../../kernel/stack-outputs.js';
import type { Placement } from '../answers.js';
import type { RestoreRequest } from '../cloud.js';
import type { DatabaseFacts, RestorePoint } from '../facts.js';
import type { RdsAsset } from '../model.js';
import { runTags, testIdOf } from '../run/names.js';
import type { RunState } from '../run/state.js';

export interface PlacementFacts {
  readonly asset: RdsAsset;
  readonly source: DatabaseFacts | null;
  readonly point: RestorePoint;
  readonly outputs: Partial<StackOutputs> | null;
}

/** @throws RocError ROC_USAGE naming what neither policy nor stack says */
export function placementOf({ asset, source, point, outputs }: PlacementFacts): Placement {
  const { target } = asset;
  const subnetGroup = target.subnetGroup ?? outputs?.restoreSubnetGroup ?? null;
  const securityGroups = target.securityGroups ?? present(outputs?.restoreSecurityGroupId);
  if (subnetGroup === null) throw missing(asset.id, 'target.subnetGroup', 'restoreSubnetGroup');
  if (securityGroups.length === 0) throw missing(asset.id, 'target.securityGroups', 'restoreSecurityGroupId');
  const wantedClass = target.class === 'same' ? source?.class : target.class;
  if (wantedClass === undefined)
    throw new RocError('ROC_USAGE', `${point.source} is gone: the class of its copy is not known`, {
      hint: `Write target.class of ${asset.id} in the policy, such as db.t4g.medium.`,
    });
  const groups = parameterGroups(target.parameterGroup, source?.parameterGroup ?? null);
  return {
    class: wantedClass,
    fallbackClass: target.fallbackClass ?? null,
    subnetGroup,
    securityGroups,
    multiAz: target.multiAz,
    ...groups,
    optionGroup: target.optionGroup ?? source?.optionGroup ?? null,
    caId: source?.caId ?? null,
    storageType: source?.storageType ?? null,
    port: source?.port ?? 3306,
    vault: point.tags['roc:vault'] ?? asset.vault ?? outputs?.backupVault ?? null,
    restoreRole: asset.restoreRole ?? null,
  };
}

/** The request of a test copy: isolated, unprotected, without backups of its own, tagged as what it is. */
export function testRequest(state: RunState): RestoreRequest {
  const { plan, point } = state;
  const { placement } = plan;
  return {
    id: testIdOf(plan.run),
    point,
    class: state.class,
    port: placement.port,
    subnetGroup: placement.subnetGroup,
    securityGroups: placement.securityGroups,
    parameterGroup: placement.copyParameterGroup === null ? placement.parameterGroup : testIdOf(plan.run),
    optionGroup: placement.optionGroup,
    caId: placement.caId,
    storageType: placement.storageType,
    multiAz: placement.multiAz,
    deletionProtection: false,
    // With a retention RDS takes a first backup at once and keeps the copy busy for hours.
    backupRetentionDays: 0,
    iamAuth: true,
    tags: tagsOf(state),
  };
}

export function tagsOf({ plan }: RunState): Record<string, string> {
  return runTags({ run: plan.run, source: plan.source, expires: plan.expires, owner: plan.owner });
}

function parameterGroups(
  wanted: string,
  ofSource: string | null,
): Pick<Placement, 'copyParameterGroup' | 'parameterGroup'> {
  if (wanted !== 'copy' && wanted !== 'source') return { copyParameterGroup: null, parameterGroup: wanted };
  // AWS lets nobody copy a default group; it is the same everywhere anyway.
  if (wanted === 'source' || ofSource === null || ofSource.startsWith('default.'))
    return { copyParameterGroup: null, parameterGroup: ofSource };
  return { copyParameterGroup: ofSource, parameterGroup: null };
}

function present(value: string | null | undefined): readonly string[] {
  return value === null || value === undefined ? [] : [value];
}

function missing(asset: string, key: string, output: string): RocError {
  return new RocError('ROC_USAGE', `nothing says where the copy of ${asset} goes: ${key} is missing`, {
    hint: `Write ${key} in the policy, or run \`roc provision apply\`, whose output ${output} is the default.`,
  });
}
