/** `roc scale apply`: plans anew under the lease, and does what was planned to its end. */
import { RocError } from '../kernel/errors.js';
import { type CarriedOut, carryOut } from './carry-out.js';
import type { ControllerParts } from './controller-parts.js';
import type { LeaseRecord } from './lease/record.js';
import { stateOf } from './lease/saved-state.js';
import { takeLease } from './lease/take.js';
import { makePlan, type Plan, type Planned, planFacts } from './plan.js';
import { planFault } from './plan-id.js';
import { type SeeThroughOptions, seeThrough } from './scale-in/see-through.js';

export interface ApplyOptions extends SeeThroughOptions {
  /** The id of a plan that was shown; without one the plan of now is asked about. */
  readonly plan?: string | undefined;
  /** Fails where the person says no. */
  readonly confirm: (ask: { readonly plan: Plan; readonly question: string }) => Promise<void>;
}

export interface Applied {
  readonly group: string;
  readonly before: number;
  readonly after: number;
  readonly outcome: 'unchanged' | CarriedOut['outcome'];
  readonly says: string;
  readonly plan: Plan;
}

/**
 * @throws RocError ROC_REFUSED where another controller acts or something else moves the group,
 * ROC_PRECONDITION_FAILED for a stale plan, ROC_INTERRUPTED after what had begun was undone,
 * ROC_RESUMABLE where it could not be
 */
export async function apply(parts: ControllerParts, options: ApplyOptions): Promise<Applied> {
  const record = await takeLease(parts.lease);
  try {
    const rest = await finish(parts, options, record);
    if (options.signal.aborted) throw interruptedBefore();
    const at = parts.now();
    const planned = await makePlan(parts, rest);
    if (options.plan !== undefined) refuseStale(options.plan, parts, planned);
    const { plan, decision, gathered } = planned;
    const about = { group: plan.group, before: plan.current, plan };
    if (decision.desired === decision.current)
      return { ...about, after: plan.current, outcome: 'unchanged', says: `${plan.current} are enough` };
    if (options.plan === undefined) await options.confirm({ plan, question: questionOf(plan) });
    const agreed = { from: decision.current, to: decision.desired, state: stateOf(rest) };
    return { ...about, ...(await carryOut(parts, options, agreed, { at, decision, gathered })) };
  } finally {
    await parts.lease
      .release()
      .catch((error: unknown) => parts.log.warn({ err: error }, 'the lease runs out'));
  }
}

function questionOf({ group, current, desired, reasons }: Plan): string {
  return `${reasons[0] ?? ''}. Set ${group} from ${current} to ${desired} instances?`;
}

/** What another run left half done comes to its end first. */
async function finish(
  parts: ControllerParts,
  options: ApplyOptions,
  record: LeaseRecord,
): Promise<LeaseRecord> {
  const { operation } = record;
  if (operation === null) return record;
  const agreed = { from: operation.before, to: operation.after, state: stateOf(record) };
  return (await seeThrough(parts, options, { record, operation, askedAt: null }, agreed)).record;
}

function interruptedBefore(): RocError {
  return new RocError('ROC_INTERRUPTED', 'interrupted: nothing new was begun', {
    hint: '`roc scale plan` shows what would be done now.',
  });
}

function refuseStale(id: string, parts: ControllerParts, { decision }: Planned): void {
  const fault = planFault(id, planFacts(parts, decision), parts.now());
  if (fault === null) return;
  throw new RocError('ROC_PRECONDITION_FAILED', `stale plan: ${fault}`, {
    hint: 'Plan again with `roc scale plan`; nothing was changed.',
  });
}
