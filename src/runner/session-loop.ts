/** A loop that lives in a session: opens another one when it is over, pauses after failures, leaves when told to. */
import { unlessAborted } from './abort.js';
import type { BackoffOptions } from './backoff.js';
import { pauseMs } from './keep-trying.js';
import type { Session, SessionTerms } from './session.js';
import type { Timing } from './timing.js';
import { verdictOf } from './verdict.js';

export interface SessionLoopOptions {
  readonly session: Session;
  readonly timing: Timing;
  /** Ends the loop. */
  readonly signal: AbortSignal;
  readonly backoff: BackoffOptions;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Does `turn` again and again until it answers false or the signal aborts.
 * @throws what a server says that will not have this runner any more
 */
export async function sessionLoop(
  options: SessionLoopOptions,
  turn: (terms: SessionTerms) => Promise<boolean>,
): Promise<void> {
  const { session, timing, signal, backoff, onFailure } = options;
  let failures = 0;
  while (!signal.aborted) {
    let terms: SessionTerms | null = null;
    try {
      terms = await unlessAborted(session.terms(), signal);
      if (!(await turn(terms))) return;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      const verdict = verdictOf(error, 'agent');
      if (verdict === 'leave') throw error;
      if (verdict === 'session' && terms !== null) session.ended(terms.sessionEpoch);
      onFailure(error);
      failures += 1;
      await timing.sleep(pauseMs(error, failures, { timing, backoff }), signal);
    }
  }
}
