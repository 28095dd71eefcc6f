/** What becomes of a job when an attempt ends: reported by its runner, lost with it, or never begun. */
import type { JobState } from '../../protocol/job-states.js';
import { backoffMs } from './backoff.js';
import type { OnLost } from './on-lost.js';

/** A lost attempt is the host's doing, not the robot's: it is tried this often even where failures are not. */
export const LOST_ATTEMPTS = 3;

/** Offers that were never begun before a person must look: some runner takes the job and dies of it. */
export const MAX_UNSTARTED_OFFERS = 25;

export interface AttemptFacts {
  readonly state: JobState;
  /** The attempt that ends, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly epoch: number;
  readonly onLost: OnLost;
}

export interface AttemptEnd {
  readonly to: JobState;
  /** Milliseconds until the job is due again; 0 when it is due now or has ended. */
  readonly delayMs: number;
  /** Null keeps what the runner said; a text says what roc decided in its place. */
  readonly reason: string | null;
}

export type Outcome = 'succeeded' | 'failed' | 'timed_out' | 'canceled';

/** A runner's report. Only a failure may be tried again: a time-out would most likely time out again. */
export function afterOutcome(facts: AttemptFacts, outcome: Outcome, random: number): AttemptEnd {
  const mayRetry = outcome === 'failed' && facts.state !== 'canceling' && facts.attempt < facts.maxAttempts;
  if (mayRetry) return { to: 'scheduled', delayMs: backoffMs(facts.attempt, random), reason: null };
  return { to: outcome, delayMs: 0, reason: null };
}

/** The lease of a started job ran out, or its runner came back without it. */
export function afterLoss(facts: AttemptFacts, random: number): AttemptEnd {
  if (facts.state === 'canceling')
    return ended('canceled', 'its runner went away while it was being canceled');
  if (facts.onLost === 'hold') return ended('held', 'its runner went away, and it may not run twice unasked');
  if (facts.onLost === 'fail') return ended('failed', 'its runner went away');
  const allowed = Math.max(facts.maxAttempts, LOST_ATTEMPTS);
  if (facts.attempt >= allowed) {
    return ended('dead', `its runner went away, and all ${allowed} attempts are used up`);
  }
  // The first loss is most likely a host that died: the job goes to another one at once.
  const delayMs = facts.attempt === 1 ? 0 : backoffMs(facts.attempt - 1, random);
  return { to: delayMs === 0 ? 'queued' : 'scheduled', delayMs, reason: 'its runner went away' };
}

/** A lease that never began goes back as it was; the attempt is not counted. */
export function afterUnstarted(facts: AttemptFacts): AttemptEnd {
  if (facts.state === 'canceling') return ended('canceled', 'it was canceled before it began');
  const unstarted = facts.epoch - facts.attempt + 1;
  if (unstarted % MAX_UNSTARTED_OFFERS === 0) {
    return ended('held', `runners took it ${unstarted} times and never began`);
  }
  return { to: 'queued', delayMs: 0, reason: 'its runner never began' };
}

function ended(to: JobState, reason: string): AttemptEnd {
  return { to, delayMs: 0, reason };
}
