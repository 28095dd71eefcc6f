/** When a runner must have stopped a robot by itself: before the server may give the job to another. */
import { SECOND } from '../kernel/time.js';

const MOST_MARGIN = 10 * SECOND;
const MARGIN_SHARE = 6;

/** Milliseconds before the lease's end at which the robot is killed: 10 s, or a sixth of a shorter lease. */
export function fenceMargin(leaseMs: number): number {
  return Math.min(MOST_MARGIN, leaseMs / MARGIN_SHARE);
}

/**
 * The moment to kill. It counts from when the request that renewed the lease was sent, not from when its answer
 * came: the server can only have renewed later than that, so its lease ends later than ours.
 */
export function fenceAt(sentAt: number, leaseMs: number): number {
  return sentAt + leaseMs - fenceMargin(leaseMs);
}

/** A poll may be held only so long that a lease counted from its start still outlives the next heartbeat. */
export function pollWaitMs(leaseMs: number): number {
  return Math.min(25 * SECOND, Math.floor(leaseMs * 0.4));
}
