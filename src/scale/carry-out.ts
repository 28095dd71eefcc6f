/** Carries out what a person has agreed to: an absolute number at once, or an instance at a time, each decided anew. */
import { RocError } from '../kernel/errors.js';
import { type Acted, act } from './act.js';
import type { ControllerParts } from './controller-parts.js';
import type { Decision } from './decide/decision.js';
import { faultWords } from './fault-words.js';
import type { Gathered } from './gather.js';
import type { ScaleIn } from './lease/record.js';
import { asking } from './lease/saved-state.js';
import { takeLease } from './lease/take.js';
import { type Agreed, reconsider } from './scale-in/reconsider.js';
import { type SeeThroughOptions, seeThrough } from './scale-in/see-through.js';

export interface CarriedOut {
  readonly after: number;
  /** `partly`: some instances went, and then no more: it was no longer right, or could not be done. */
  readonly outcome: 'done' | 'partly' | 'undone' | 'kept';
  readonly says: string;
}

/** What was seen and decided last. */
export interface Seen {
  readonly at: number;
  readonly decision: Decision;
  readonly gathered: Gathered;
}

/**
 * Never further than agreed, and no further than is still right.
 * @param current what the desired capacity is now, after the steps that were done
 * @throws RocError ROC_INTERRUPTED after what had begun was undone, ROC_RESUMABLE where it could not be
 */
export async function carryOut(
  parts: ControllerParts,
  options: SeeThroughOptions,
  agreed: Agreed,
  seen: Seen,
  current = agreed.from,
): Promise<CarriedOut> {
  if (options.signal.aborted) throw interrupted('nothing was changed', agreed, current);
  const fresh = await stillRight(parts, agreed, seen);
  if (typeof fresh === 'string') return endedAt(current, agreed, 'kept', fresh);
  const acted = await begin(parts, agreed, fresh, current).catch((error: unknown): Acted => {
    if (current === agreed.from) throw error;
    // What did not begin leaves the steps before it standing.
    return { kind: 'kept', why: faultWords(error) };
  });
  if (acted.kind === 'kept') return endedAt(current, agreed, 'kept', acted.why);
  if (acted.kind === 'set') return endedAt(acted.after, agreed, 'done', '');
  const { operation, record } = acted;
  const { progress } = await seeThrough(parts, options, { record, operation, askedAt: fresh.at }, agreed);
  if (options.signal.aborted) throw interrupted(progress.says, agreed, current);
  if (progress.state !== 'done') return endedAt(current, agreed, 'undone', progress.says);
  return next(parts, options, agreed, operation.after);
}

/** What a person has thought about for longer than a poll is decided anew; else why it is not right any more. */
async function stillRight(parts: ControllerParts, agreed: Agreed, seen: Seen): Promise<Seen | string> {
  const at = parts.now();
  if (at - seen.at <= parts.policy.timing.poll) return seen;
  const isRaise = agreed.to > agreed.from;
  const again = await reconsider(parts, agreed, isRaise ? Number.POSITIVE_INFINITY : agreed.to);
  if (again.stop !== null) return again.stop;
  const { desired } = again.decision;
  return isRaise && desired < agreed.to ? `only ${desired} instances are needed now` : { ...again, at };
}

async function begin(
  parts: ControllerParts,
  { to }: Agreed,
  { decision, gathered }: Seen,
  current: number,
): Promise<Acted> {
  // The person may have thought for longer than the lease lasts.
  const { operation } = await takeLease(parts.lease);
  if (operation !== null) throw begunMeanwhile(operation);
  const record = await parts.lease.write({ state: asking(decision.state, current, to) });
  return act(parts, { ...decision, current, desired: to }, gathered, record);
}

/** One at a time: whether another may go is decided anew, and which from what is left. */
async function next(
  parts: ControllerParts,
  options: SeeThroughOptions,
  agreed: Agreed,
  current: number,
): Promise<CarriedOut> {
  if (current <= agreed.to) return endedAt(current, agreed, 'done', '');
  const at = parts.now();
  const again = await reconsider(parts, agreed, current - 1);
  if (again.stop !== null) return endedAt(current, agreed, 'kept', again.stop);
  return carryOut(parts, options, agreed, { ...again, at }, current);
}

function endedAt(
  after: number,
  { from, to }: Agreed,
  outcome: Exclude<CarriedOut['outcome'], 'partly'>,
  why: string,
): CarriedOut {
  if (outcome === 'done') return { after, outcome, says: `${from} to ${after} instances` };
  if (after === from) return { after, outcome, says: why };
  return { after, outcome: 'partly', says: `${from} to ${after} instances and not to ${to}: ${why}` };
}

function begunMeanwhile({ instanceId }: ScaleIn): RocError {
  return new RocError(
    'ROC_PRECONDITION_FAILED',
    `stale plan: another run began the scale-in of ${instanceId} meanwhile`,
    { hint: 'Run `roc scale apply` again: it ends or undoes that first; nothing was changed.' },
  );
}

function interrupted(says: string, { from }: Agreed, current: number): RocError {
  const before = current === from ? '' : `; ${from} to ${current} instances were done before`;
  return new RocError('ROC_INTERRUPTED', `interrupted: ${says}${before}`, {
    hint: 'Nothing is half done; `roc scale plan` shows what would be done now.',
  });
}
