/** `roc scale plan`: what would be done now and why, and a name under which it may be applied for five minutes. */
import { RocError } from '../kernel/errors.js';
import { isoTime } from '../kernel/time.js';
import type { ControllerParts } from './controller-parts.js';
import { decide } from './decide/decide.js';
import type { Decision } from './decide/decision.js';
import { type Gathered, gather } from './gather.js';
import { type Conflict, conflictsOf } from './group/conflicts.js';
import { type NativeStep, nativeSteps } from './group/native.js';
import type { LeaseRecord } from './lease/record.js';
import { stateOf } from './lease/saved-state.js';
import { newPlanId, type PlanFacts } from './plan-id.js';

export interface Plan {
  readonly plan: string;
  readonly expiresAt: string;
  readonly group: string;
  readonly current: number;
  readonly desired: number;
  readonly action: Decision['action'];
  readonly reasons: readonly string[];
  readonly rails: Decision['rails'];
  readonly data: Decision['data'];
  /** A scale-in that another run began: it is ended before anything else. */
  readonly begun: string | null;
  /** Who holds the lease now, and acts by itself. */
  readonly holder: string | null;
  /** What AWS's own scaling lacks as a floor; null where the policy leaves it alone. */
  readonly native: readonly NativeStep[] | null;
}

export interface Planned {
  readonly plan: Plan;
  readonly decision: Decision;
  readonly gathered: Gathered;
}

/**
 * Reads, decides, changes nothing.
 * @throws RocError ROC_REFUSED where something else moves the group, with the commands that end it
 */
export async function makePlan(parts: ControllerParts, record: LeaseRecord | null): Promise<Planned> {
  const now = parts.now();
  const state = stateOf(record);
  const gathered = await gather(parts, state, now);
  refuseConflicts(conflictsOf(gathered.contenders, parts.policy, parts.place), parts.place.name);
  const decision = decide(parts.policy, gathered.snapshot, state, now);
  const { current, desired, action, reasons, rails, data } = decision;
  const { id, expiresAt } = newPlanId(planFacts(parts, decision), now);
  const begun = record?.operation ?? null;
  const native =
    parts.fleet.kind === 'service' || parts.policy.native.mode === 'observe'
      ? null
      : nativeSteps(gathered.group, gathered.contenders, parts.policy, gathered.snapshot.facts.bootMs);
  const plan: Plan = {
    ...{ plan: id, expiresAt: isoTime(expiresAt), group: parts.place.name },
    ...{ current, desired, action, reasons, rails, data },
    begun: begun === null ? null : `${begun.instanceId} is ${begun.step}`,
    holder: record?.holder ?? null,
    native,
  };
  return { plan, decision, gathered };
}

export function planFacts(parts: ControllerParts, { current, desired }: Decision): PlanFacts {
  const { name, region } = parts.place;
  return { group: name, region, current, desired, policyHash: parts.loaded.sha256 };
}

function refuseConflicts(conflicts: readonly Conflict[], group: string): void {
  if (conflicts.length === 0) return;
  throw new RocError(
    'ROC_REFUSED',
    `something else moves ${group} too: ${conflicts.map(({ what }) => what).join('; ')}`,
    { hint: conflicts.map(({ fix }) => fix).join('; '), details: { conflicts } },
  );
}
