/** What decisions remember, as it lies in the lease. */
import { checkState, emptyState, type ScaleState } from '../decide/state.js';
import type { LeaseRecord } from './record.js';

/** A state of another version is none: the past is read again from CloudWatch. */
export function stateOf(record: LeaseRecord | null): ScaleState {
  return checkState(record?.state) ?? emptyState();
}
