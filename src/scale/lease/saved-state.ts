/** What decisions remember, as it lies in the lease. */
import { checkState, emptyState, type ScaleState } from '../decide/state.js';
import type { LeaseRecord, ScaleIn } from './record.js';

/** A state of another version is none: the past is read again from CloudWatch. */
export function stateOf(record: LeaseRecord | null): ScaleState {
  return checkState(record?.state) ?? emptyState();
}

/** The same with the capacity there is and what is asked for: a change to that number is then known as roc's own. */
export function asking(state: ScaleState, seen: number, asked: number): ScaleState {
  return { ...state, changes: { ...state.changes, seen, asked } };
}

/**
 * The same once a scale-in is over. Done: its number is roc's own, whatever looks have decided meanwhile. Else what it
 * asked for is asked for no more, while a raise that was decided since stays asked for.
 */
export function afterScaleIn(state: ScaleState, { after }: ScaleIn, isDone: boolean): ScaleState {
  const { seen, asked } = state.changes;
  if (isDone) return asking(state, seen, after);
  return asked > after ? state : asking(state, seen, seen);
}
