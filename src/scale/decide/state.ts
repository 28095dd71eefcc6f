/** What one decision remembers for the next: plain JSON, at most 32 KB, opaque to everyone else. */
import type { WindowState } from './window.js';

export const STATE_LIMIT_BYTES = 32 * 1024;

export interface ScaleState {
  readonly version: 1;
  /** When the last decision was made; 0 before the first. */
  readonly now: number;
  /** Start of the newest bucket of the signal that was taken in; 0 before the first. */
  readonly takenAt: number;
  /** From here on the signal has no hole; 0 before the first bucket. */
  readonly since: number;
  readonly window: WindowState;
  /** Desired capacity as AWS had it at the last decision, and as that decision wanted it; -1 before the first. */
  readonly seen: number;
  readonly asked: number;
  /** Until then somebody else's change of the desired capacity is left standing. */
  readonly adoptedUntil: number;
  /** Changes that were seen to happen: epoch milliseconds, negative for a cut; newest last. */
  readonly actions: readonly number[];
}

export function emptyState(): ScaleState {
  return {
    version: 1,
    now: 0,
    takenAt: 0,
    since: 0,
    window: [],
    seen: -1,
    asked: -1,
    adoptedUntil: 0,
    actions: [],
  };
}
