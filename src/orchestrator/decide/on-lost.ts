/** What becomes of a job whose runner went away: settled when it is enqueued, so that a later change never surprises it. */

export type OnLost = 'retry' | 'fail' | 'hold';

/** The process's own setting; else a robot that may safely run twice is retried, and any other waits for a person. */
export function resolveOnLost(processSetting: OnLost | null, isIdempotent: boolean): OnLost {
  return processSetting ?? (isIdempotent ? 'retry' : 'hold');
}
