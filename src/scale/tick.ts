/** One look of a controller: who acts, what is needed, and at most one change. Whatever fails, capacity is kept. */
import { isRocError } from '../kernel/errors.js';
import { isoTime, SECOND } from '../kernel/time.js';
import { act } from './act.js';
import type { ControllerParts } from './controller-parts.js';
import { decide } from './decide/decide.js';
import type { Decision } from './decide/decision.js';
import { faultWords } from './fault-words.js';
import { type Gathered, gather } from './gather.js';
import { conflictsOf } from './group/conflicts.js';
import type { LeaseRecord, ScaleIn } from './lease/record.js';
import { asking, stateOf } from './lease/saved-state.js';
import { carryOn } from './scale-in/carry-on.js';
import { leftBehind } from './scale-in/left-behind.js';
import { notKnown, stopReason } from './scale-in/reconsider.js';

export interface Report {
  readonly event: 'tick';
  readonly at: string;
  readonly role: 'holder' | 'standby' | 'observer' | 'unknown';
  readonly group: string;
  /** `set`, `begun`: changed. `going`, `done`, `undone`, `left`: of a scale-in. `kept`: wanted and not done. */
  readonly did: 'nothing' | 'set' | 'begun' | 'going' | 'done' | 'undone' | 'left' | 'kept';
  readonly says: string;
  readonly fence: number | null;
  readonly current: number | null;
  readonly desired: number | null;
  readonly reasons: readonly string[];
  readonly rails: Decision['rails'];
  readonly data: Decision['data'];
  readonly figures: Decision['figures'] | null;
  /** A scale-in is under way: look again soon. */
  readonly isBusy: boolean;
}

export interface TickOptions {
  /** False between two polls, while a scale-in is under way: no metrics are read. */
  readonly isFull: boolean;
  /** Why nothing may be changed this time: a clock that jumped. */
  readonly doubt: string | null;
  /** Undoes a scale-in that is under way, and begins nothing. */
  readonly stop?: string;
}

type Outcome = Pick<Report, 'did' | 'says'> & Partial<Report>;

/** Never throws: an error is a report that says what was kept, and why. */
export async function tick(parts: ControllerParts, options: TickOptions): Promise<Report> {
  const about = {
    ...{ event: 'tick' as const, at: isoTime(parts.now()), group: parts.place.name, fence: null },
    ...{ current: null, desired: null, reasons: [], rails: [], data: [], figures: null, isBusy: false },
  };
  let role: Report['role'] = 'unknown';
  let record: LeaseRecord | null = null;
  try {
    const standing = await parts.lease.refresh();
    role = standing.role;
    if (standing.role === 'observer') return { ...about, role, did: 'kept', says: standing.why };
    if (standing.role === 'standby')
      return { ...about, role, did: 'nothing', says: `${standing.holder} holds the lease` };
    record = standing.record;
    const outcome = await asHolder(parts, record, options);
    return { ...about, role, fence: record.fence, ...outcome };
  } catch (error) {
    const begun = role === 'holder' ? (record?.operation ?? null) : null;
    return { ...about, role, ...keptFor(error, begun) };
  }
}

async function asHolder(
  parts: ControllerParts,
  found: LeaseRecord,
  { isFull, doubt, stop }: TickOptions,
): Promise<Outcome> {
  const { operation } = found;
  if (operation !== null && (!isFull || stop !== undefined)) return goOn(parts, found, operation, stop);
  if (stop !== undefined) return { did: 'nothing', says: stop };
  const state = stateOf(found);
  let gathered: Gathered;
  try {
    gathered = await gather(parts, state, parts.now());
  } catch (error) {
    if (operation === null) throw error;
    return goOn(parts, found, operation, notKnown(error));
  }
  const decision = decide(parts.policy, gathered.snapshot, state, parts.now());
  const { current, desired, reasons, rails, data, figures } = decision;
  // One goes at a time: while it goes, its number is what is asked for, however many are to follow.
  const asked = operation === null ? desired : Math.max(desired, operation.after);
  const record = await parts.lease.write({ state: asking(decision.state, current, asked) });
  const told = { current, desired, reasons, rails, data, figures };
  const hindrance = desired === current ? null : hindranceOf(parts, decision, gathered, record, doubt);
  if (operation !== null) {
    const stopped = stopReason(decision, gathered, operation.after) ?? undefined;
    const went = await goOn(parts, record, operation, stopped).catch(keptBusy(operation));
    const isOpen = went.did === 'kept' || went.did === 'undone';
    if (desired <= current || !isOpen || hindrance !== null) return { ...told, ...went };
    // What cannot be ended or undone now does not keep a raise waiting; it turns itself back after that.
    const raised = await carryOut(parts, decision, gathered, record);
    const says = `${raised.says}; ${went.says}`;
    return { ...told, ...raised, says, isBusy: went.isBusy ?? false };
  }
  if (hindrance !== null) return { ...told, did: 'kept', says: hindrance };
  return { ...told, ...(await carryOut(parts, decision, gathered, record)) };
}

async function carryOut(
  parts: ControllerParts,
  decision: Decision,
  gathered: Gathered,
  record: LeaseRecord,
): Promise<Outcome> {
  if (decision.desired === decision.current)
    return { did: 'nothing', says: `${decision.current} are enough` };
  const acted = await act(parts, decision, gathered, record);
  if (acted.kind === 'set') return { did: 'set', says: `${acted.before} to ${acted.after} instances` };
  if (acted.kind === 'kept') {
    if (acted.handOver) await parts.lease.release();
    return { did: 'kept', says: acted.why };
  }
  const { operation } = acted;
  return goOn(parts, acted.record, operation, undefined).catch(keptBusy(operation));
}

async function goOn(
  parts: ControllerParts,
  record: LeaseRecord,
  operation: ScaleIn,
  stop: string | undefined,
): Promise<Outcome> {
  const { progress } = await carryOn(parts, record, operation, stop);
  return { did: progress.state, says: progress.says, isBusy: progress.state === 'going' };
}

/** A scale-in that could not be carried on; it stays as it is and is tried again. */
function keptBusy(operation: ScaleIn): (error: unknown) => Outcome {
  return (error) => {
    if (isLost(error)) throw error;
    return keptFor(error, operation);
  };
}

function keptFor(error: unknown, operation: ScaleIn | null): Outcome & { readonly isBusy: boolean } {
  const kept = `capacity is kept: ${faultWords(error)}`;
  const isOurs = operation !== null && !isLost(error);
  const says = isOurs ? `${kept}; ${leftBehind(operation)}; the next look ends or undoes it` : kept;
  return { did: 'kept', says, isBusy: operation !== null };
}

function isLost(error: unknown): boolean {
  return isRocError(error) && error.code === 'ROC_STALE_LEASE';
}

/** Why a change that is wanted is not made now; null where it is. */
function hindranceOf(
  parts: ControllerParts,
  { desired, current }: Decision,
  { contenders, snapshot }: Gathered,
  record: LeaseRecord,
  doubt: string | null,
): string | null {
  if (doubt !== null) return `capacity is kept: ${doubt}`;
  if (snapshot.facts.isSwitchedOff) return 'capacity is kept: the tag roc:scale=off is set';
  const conflicts = conflictsOf(contenders, parts.policy, parts.place);
  if (conflicts.length > 0)
    return `capacity is kept: ${conflicts.map(({ what, fix }) => `${what} (${fix})`).join('; ')}`;
  const restMs = record.restUntil - parts.now();
  if (desired < current && restMs > 0)
    return `the last scale-in was undone: none for ${Math.ceil(restMs / SECOND)} s`;
  return null;
}
