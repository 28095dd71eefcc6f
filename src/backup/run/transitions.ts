/** The run as a literal table: which event may come in which phase, and what phase follows. Pure. */
import type { RunEventType } from './events.js';

export const PHASES = [
  'planned',
  'ready',
  'restoring',
  'reachable',
  'checking',
  'judging',
  'cleaning',
  'cleaned',
  'signed',
  'published',
] as const;
export type Phase = (typeof PHASES)[number];

/** What is done in a phase; null at the end. */
export const STEPS = {
  planned: 'preflight',
  ready: 'restore',
  restoring: 'await',
  reachable: 'sign-in',
  checking: 'check',
  judging: 'judge',
  cleaning: 'clean',
  cleaned: 'sign',
  signed: 'publish',
  published: null,
} as const satisfies Record<Phase, string | null>;
export type Step = NonNullable<(typeof STEPS)[Phase]>;

// What a journal may hold anywhere.
const ASIDE = { intent: 'same', result: 'same', 'clock-jumped': 'same', resumed: 'same' } as const;
// Nothing that went wrong leaves by another door than through judgement and cleaning.
const TROUBLE = { failed: 'judging', interrupted: 'judging' } as const;

/** An event that a row does not name is refused in that phase. */
export const TRANSITIONS: Readonly<Record<Phase, Readonly<Partial<Record<RunEventType, Phase | 'same'>>>>> = {
  planned: { ...ASIDE, ...TROUBLE, 'preflight-passed': 'ready' },
  ready: {
    ...ASIDE,
    ...TROUBLE,
    'point-replaced': 'planned',
    'class-replaced': 'same',
    'restore-accepted': 'restoring',
  },
  restoring: { ...ASIDE, ...TROUBLE, status: 'same', reachable: 'reachable' },
  reachable: { ...ASIDE, ...TROUBLE, status: 'same', 'signed-in': 'checking' },
  // The password lives in memory only: a resumed run signs in anew.
  checking: {
    ...ASIDE,
    ...TROUBLE,
    resumed: 'reachable',
    'way-lost': 'reachable',
    'checks-planned': 'same',
    'check-done': 'same',
    'checks-done': 'judging',
  },
  judging: { ...ASIDE, judged: 'cleaning' },
  cleaning: { ...ASIDE, status: 'same', cleaned: 'cleaned', kept: 'cleaned', 'cleanup-failed': 'cleaned' },
  cleaned: { ...ASIDE, signed: 'signed' },
  signed: { ...ASIDE, published: 'published' },
  published: { resumed: 'same' },
};
