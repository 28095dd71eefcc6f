/** The reins of one attempt: who wants it stopped and how soon, how long its lease lasts, how far it says it is. */
import { fenceAt } from './lease.js';
import { isReported, type StopReason } from './outcome.js';
import type { Progress } from './progress-line.js';

export interface JobRef {
  readonly jobId: string;
  readonly epoch: number;
}

export interface JobControl extends JobRef {
  /** Why it was stopped, or null. A reason that forbids any report overrides one that does not. */
  readonly reason: StopReason | null;
  /** Milliseconds between asking the robot to end and killing it. */
  readonly graceMs: number;
  /** Aborts at the first stop. */
  readonly stopping: AbortSignal;
  /** Aborts when there is no time left to ask. */
  readonly killing: AbortSignal;
  /** When, on the monotonic clock, the robot must be gone unless the lease is renewed. */
  readonly fencedAt: number;
  /** Aborts when the robot is gone, or was never started: nothing is left to be fenced. */
  readonly over: AbortSignal;
  stop(reason: StopReason, graceMs?: number): void;
  /** The server renewed the lease on a request that was sent at this time. */
  renewed(sentAt: number): void;
  robotEnded(): void;
  progress: Progress | null;
}

/** @param sentAt monotonic time at which the request was sent that brought the job */
export function createJobControl(ref: JobRef, leaseMs: number, sentAt: number): JobControl {
  const stopping = new AbortController();
  const over = new AbortController();
  const killing = new AbortController();
  let reason: StopReason | null = null;
  let graceMs = 0;
  let fence = fenceAt(sentAt, leaseMs);
  return {
    jobId: ref.jobId,
    epoch: ref.epoch,
    get reason() {
      return reason;
    },
    get graceMs() {
      return graceMs;
    },
    stopping: stopping.signal,
    killing: killing.signal,
    get fencedAt() {
      return fence;
    },
    stop(next, grace = 0) {
      if (reason === null || (isReported(reason) && !isReported(next))) {
        reason = next;
        graceMs = grace;
      }
      stopping.abort();
      if (next === 'lost' || next === 'fenced') killing.abort();
    },
    renewed(at) {
      fence = Math.max(fence, fenceAt(at, leaseMs));
    },
    robotEnded() {
      over.abort();
    },
    over: over.signal,
    progress: null,
  };
}

export function sameJob(a: JobRef, b: JobRef): boolean {
  return a.jobId === b.jobId && a.epoch === b.epoch;
}
