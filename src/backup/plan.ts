/** `roc backup plan`: what a verification would restore, where, at what price, and whether it could. Changes nothing. */

import { isRocError } from '../kernel/errors.js';
import type { DrillPlan } from './answers.js';
import type { DataChecks } from './check-input.js';
import { type Prepared, type PrepareOptions, prepare } from './prepare.js';
import { authoritiesOf, type Room } from './room.js';
import { preflightChecks } from './run/steps/preflight.js';

export async function planDrill(
  room: Room,
  checks: Pick<DataChecks, 'planned'>,
  options: PrepareOptions,
): Promise<DrillPlan> {
  const prepared = await prepare(room, options);
  const { asset, plan, cost, facts } = prepared;
  const { point, placement } = plan;
  const preflight = await preflightChecks(
    room.cloud,
    { plan, point },
    facts.database,
    authorities(prepared, room),
  );
  const isAffordable = cost.usd !== null && cost.usd <= asset.target.maxCostUsd;
  return {
    asset: asset.id,
    source: plan.source,
    point: { kind: point.kind, id: point.id, at: new Date(point.at).toISOString() },
    placement,
    cost: { ...cost, maxUsd: asset.target.maxCostUsd },
    preflight,
    checks: checks.planned(asset, null),
    ready: isAffordable && preflight.every(({ verdict }) => verdict === 'pass'),
  };
}

// A missing file is a line of the preflight here, not the end of the plan.
function authorities({ asset }: Prepared, room: Room): string {
  try {
    return authoritiesOf(asset, room);
  } catch (error) {
    if (isRocError(error)) return '';
    throw error;
  }
}
