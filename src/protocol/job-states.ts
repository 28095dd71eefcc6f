/** The job state machine as data: which state may follow which, and by whose doing. No zod, so that the console can have it. */

export const JOB_STATES = {
  scheduled: ['queued', 'canceled'],
  queued: ['leased', 'canceled'],
  leased: [
    'running',
    'queued',
    'scheduled',
    'canceling',
    'succeeded',
    'failed',
    'timed_out',
    'canceled',
    'held',
  ],
  running: [
    'queued',
    'scheduled',
    'canceling',
    'succeeded',
    'failed',
    'timed_out',
    'canceled',
    'held',
    'dead',
  ],
  canceling: ['canceled', 'succeeded', 'failed', 'timed_out'],
  held: ['queued', 'canceled'],
  succeeded: [],
  failed: [],
  canceled: [],
  timed_out: [],
  dead: [],
} as const satisfies Record<string, readonly string[]>;

export type JobState = keyof typeof JOB_STATES;
export type TerminalJobState = {
  [S in JobState]: (typeof JOB_STATES)[S] extends readonly [] ? S : never;
}[JobState];

export const JOB_STATE_NAMES = Object.keys(JOB_STATES) as [JobState, ...JobState[]];

export function isTerminal(state: JobState): state is TerminalJobState {
  return JOB_STATES[state].length === 0;
}

export function canFollow(from: JobState, to: JobState): boolean {
  return (JOB_STATES[from] as readonly string[]).includes(to);
}
