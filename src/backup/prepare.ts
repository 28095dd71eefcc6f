/** What a verification of a database would be: the point, the place, the price; nothing is changed. */
import { RocError } from '../kernel/errors.js';
import { placementOf } from './decide/placement.js';
import { choosePoint } from './decide/points.js';
import { type DrillCost, drillCost } from './decide/price.js';
import { chooseAsset } from './load-policy.js';
import type { RdsAsset } from './model.js';
import { gatherPoints, type SourceFacts } from './points.js';
import { type Room, realWorld, sourceOf } from './room.js';
import type { RunPlan } from './run/events.js';
import { newRunId, tagValue } from './run/names.js';

export interface Prepared {
  readonly asset: RdsAsset;
  readonly facts: SourceFacts;
  readonly plan: RunPlan;
  readonly cost: DrillCost;
}

export interface PrepareOptions {
  readonly asset: string | undefined;
  /** `latest`, `random`, an id, `pitr:TIME`. */
  readonly point: string;
  readonly keepOnFailure?: number | undefined;
}

export async function prepare(room: Room, options: PrepareOptions): Promise<Prepared> {
  const { cloud, settings, policy, outputs, now, version } = room;
  const asset = chooseAsset(policy, options.asset, ['rds-mysql']);
  const source = sourceOf(asset, room);
  const facts = await gatherPoints(cloud, source);
  if (facts.database === null && facts.points.length === 0)
    throw new RocError(
      'ROC_NOT_FOUND',
      `RDS has neither a database ${source} nor a backup of one in ${cloud.region}`,
      {
        hint: 'Check source.dbInstance in the policy, the account and --region.',
      },
    );
  const point = choosePoint(facts, options.point, realWorld.random);
  const placement = placementOf({ asset, source: facts.database, point, outputs });
  const cost = drillCost({
    class: placement.class,
    multiAz: placement.multiAz,
    storageGb: point.sizeGb ?? facts.database?.storageGb ?? 0,
    ttl: asset.target.ttl + (options.keepOnFailure ?? 0),
    region: cloud.region,
  });
  const { account, arn } = await cloud.caller();
  const head = policy.policy.policy;
  const plan: RunPlan = {
    run: newRunId(now(), realWorld.random),
    asset,
    policy: {
      id: head.id,
      approvedBy: head.approvedBy ?? null,
      approvedOn: head.approvedOn ?? null,
      sha256: policy.sha256,
    },
    toolVersion: version,
    operator: { account, arn },
    region: cloud.region,
    source,
    point,
    placement,
    expires: Math.round(now()) + asset.target.ttl,
    owner: tagValue(settings.owner ?? arn),
    costUsd: cost.usd,
    keepOnFailure: options.keepOnFailure ?? null,
  };
  return { asset, facts, plan, cost };
}

/** @throws RocError ROC_REFUSED */
export function requireAffordable({ asset, cost }: Pick<Prepared, 'asset' | 'cost'>): void {
  const cap = asset.target.maxCostUsd;
  if (cost.usd !== null && cost.usd <= cap) return;
  const what =
    cost.usd === null ? `has no known price (${cost.why})` : `may cost ${cost.usd} USD (${cost.why})`;
  throw new RocError('ROC_REFUSED', `the drill of ${asset.id} ${what}; the policy allows ${cap} USD`, {
    hint:
      cost.usd === null
        ? 'Choose a class of the table with target.class.'
        : 'Raise target.maxCostUsd, lower target.ttl, or choose a smaller target.class.',
  });
}
