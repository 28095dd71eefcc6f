/** Whether a scale-in may go on, asked again while it is under way: demand and the switch as they are now. */
import type { ControllerParts } from '../controller-parts.js';
import { decide } from '../decide/decide.js';
import type { Decision } from '../decide/decision.js';
import type { ScaleState } from '../decide/state.js';
import { faultWords } from '../fault-words.js';
import { type Gathered, gather } from '../gather.js';
import { conflictsOf } from '../group/conflicts.js';

/** A scale-in that is one decision, however many instances go one after the other. */
export interface Agreed {
  /** Desired capacity before the first of them, and after the last. */
  readonly from: number;
  readonly to: number;
  /** What decisions remembered when it was decided. */
  readonly state: ScaleState;
}

export type Reconsidered =
  | { readonly stop: null; readonly decision: Decision; readonly gathered: Gathered }
  | { readonly stop: string };

/**
 * Decides the whole of it anew, from where it began: what roc has done of it itself is no reason for a cooldown.
 * Never throws: what cannot be read stops it.
 */
export async function reconsider(
  parts: ControllerParts,
  { from, state }: Agreed,
  after: number,
): Promise<Reconsidered> {
  try {
    const gathered = await gather(parts, state, parts.now());
    const { snapshot } = gathered;
    const before = { ...snapshot, group: { ...snapshot.group, desired: from } };
    const decision = decide(parts.policy, before, state, parts.now());
    const [conflict] = conflictsOf(gathered.contenders, parts.policy, parts.place);
    const stop = stopReason(decision, gathered, after) ?? conflict?.what ?? null;
    return stop === null ? { stop, decision, gathered } : { stop };
  } catch (error) {
    return { stop: notKnown(error) };
  }
}

/** Why capacity must not be cut to `after`; null where it may. */
export function stopReason(decision: Decision, { snapshot }: Gathered, after: number): string | null {
  if (snapshot.facts.isSwitchedOff) return 'roc:scale=off was set';
  return decision.desired > after
    ? `${decision.desired} instances are needed: ${decision.reasons[0] ?? ''}`
    : null;
}

export function notKnown(error: unknown): string {
  return `what is needed is not known: ${faultWords(error)}`;
}
