/** `roc scale apply`: plans anew under the lease, and does what was planned to its end. */
import { RocError } from '../kernel/errors.js';
import { SECOND } from '../kernel/time.js';
import { act } from './act.js';
import type { ControllerParts } from './controller-parts.js';
import type { LeaseRecord, ScaleIn } from './lease/record.js';
import { makePlan, type Plan, type Planned, planFacts } from './plan.js';
import { planFault } from './plan-id.js';
import { carryOn } from './scale-in/carry-on.js';

export interface ApplyOptions {
  /** The id of a plan that was shown; without one the plan of now is asked about. */
  readonly plan?: string | undefined;
  /** Fails where the person says no. */
  readonly confirm: (ask: { readonly plan: Plan; readonly question: string }) => Promise<void>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: (says: string) => void;
}

export interface Applied {
  readonly group: string;
  readonly before: number;
  readonly after: number;
  readonly outcome: 'unchanged' | 'done' | 'undone' | 'kept';
  readonly says: string;
  readonly plan: Plan;
}

/** Between two looks at an instance that comes to rest. */
const LOOK = 5 * SECOND;

/**
 * @throws RocError ROC_REFUSED where another controller acts or something else moves the group,
 * ROC_PRECONDITION_FAILED for a stale plan, ROC_INTERRUPTED after what had begun was undone
 */
export async function apply(parts: ControllerParts, options: ApplyOptions): Promise<Applied> {
  const record = await take(parts);
  try {
    const rest = await finish(parts, options, record);
    const planned = await makePlan(parts, rest);
    if (options.plan !== undefined) refuseStale(options.plan, parts, planned);
    const { plan, decision } = planned;
    const about = { group: plan.group, before: plan.current, plan };
    if (decision.desired === decision.current)
      return { ...about, after: plan.current, outcome: 'unchanged', says: `${plan.current} are enough` };
    if (options.plan === undefined) await options.confirm({ plan, question: questionOf(plan) });
    return { ...about, ...(await carryOut(parts, options, planned)) };
  } finally {
    await parts.lease
      .release()
      .catch((error: unknown) => parts.log.warn({ err: error }, 'the lease runs out'));
  }
}

function questionOf({ group, current, desired, reasons }: Plan): string {
  return `${reasons[0] ?? ''}. Set ${group} from ${current} to ${desired} instances?`;
}

async function take(parts: ControllerParts): Promise<LeaseRecord> {
  const standing = await parts.lease.refresh();
  if (standing.role === 'holder') return standing.record;
  const why = standing.role === 'standby' ? `${standing.holder} holds the lease and acts` : standing.why;
  throw new RocError('ROC_REFUSED', why, {
    hint:
      standing.role === 'standby'
        ? 'Stop that `roc scale watch`, or wait: it decides by the same policy.'
        : 'Mend that first: who acts must be certain.',
  });
}

/** What another run left half done comes to its end first. */
async function finish(
  parts: ControllerParts,
  options: ApplyOptions,
  record: LeaseRecord,
): Promise<LeaseRecord> {
  if (record.operation === null) return record;
  return (await untilOver(parts, options, record, record.operation)).record;
}

async function carryOut(
  parts: ControllerParts,
  options: ApplyOptions,
  { plan, decision, gathered }: Planned,
): Promise<Pick<Applied, 'after' | 'outcome' | 'says'>> {
  // The person may have thought for longer than the lease lasts.
  const record = await take(parts);
  if (options.signal.aborted) throw new RocError('ROC_INTERRUPTED', 'interrupted: nothing was changed');
  const acted = await act(parts, decision, gathered, record);
  if (acted.kind === 'kept') return { after: decision.current, outcome: 'kept', says: acted.why };
  if (acted.kind === 'set')
    return { after: acted.after, outcome: 'done', says: `${acted.before} to ${acted.after} instances` };
  const { progress } = await untilOver(parts, options, record, acted.operation);
  if (options.signal.aborted)
    throw new RocError('ROC_INTERRUPTED', `interrupted: ${progress.says}`, {
      hint: 'Nothing is half done; `roc scale plan` shows what would be done now.',
    });
  const { before, after } = acted.operation;
  if (progress.state !== 'done') return { after: before, outcome: 'undone', says: progress.says };
  // One at a time: each is chosen anew from what is left.
  if (after > decision.desired)
    return carryOut(parts, options, { plan, gathered, decision: { ...decision, current: after } });
  return { after, outcome: 'done', says: progress.says };
}

async function untilOver(
  parts: ControllerParts,
  options: ApplyOptions,
  begun: LeaseRecord,
  operation: ScaleIn,
): Promise<Awaited<ReturnType<typeof carryOn>>> {
  const { signal } = options;
  let at = { ...begun, operation };
  for (;;) {
    const stop = signal.aborted ? 'roc scale apply was interrupted' : undefined;
    const went = await carryOn(parts, at, at.operation, stop).catch(async (error: unknown) => {
      // Nobody may come after this command: what can still be put back is put back now.
      await carryOn(parts, at, at.operation, 'a step could not be taken').catch(() => {});
      throw error;
    });
    options.onProgress(went.progress.says);
    if (went.record.operation === null) return went;
    await options.sleep(LOOK, signal);
    const record = await take(parts);
    if (record.operation === null) return { ...went, record };
    at = { ...record, operation: record.operation };
  }
}

function refuseStale(id: string, parts: ControllerParts, { decision }: Planned): void {
  const fault = planFault(id, planFacts(parts, decision), parts.now());
  if (fault === null) return;
  throw new RocError('ROC_PRECONDITION_FAILED', `stale plan: ${fault}`, {
    hint: 'Plan again with `roc scale plan`; nothing was changed.',
  });
}
