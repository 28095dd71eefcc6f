/** The shape of a check and of what it says. */
import type { Asked, DoctorFacts } from './facts.js';

/** `unknown`: AWS did not let us look. `notApplicable`: nothing to look at. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'unknown' | 'notApplicable';

export interface Finding {
  readonly verdict: Verdict;
  readonly evidence: string;
  /** What to do; empty when there is nothing to do. */
  readonly fix: string;
}

export interface CheckResult extends Finding {
  readonly id: string;
}

export interface Check {
  readonly id: string;
  readonly judge: (facts: DoctorFacts) => Finding;
}

export const pass = (evidence: string): Finding => ({ verdict: 'pass', evidence, fix: '' });
export const warn = (evidence: string, fix: string): Finding => ({ verdict: 'warn', evidence, fix });
export const fail = (evidence: string, fix: string): Finding => ({ verdict: 'fail', evidence, fix });
export const notApplicable = (evidence: string): Finding => ({ verdict: 'notApplicable', evidence, fix: '' });

/** Judges what is known; what could not be asked is unknown, with why. */
export function known<T>(asked: Asked<T>, judge: (value: T) => Finding): Finding {
  if (asked.known) return judge(asked.value);
  return { verdict: 'unknown', evidence: asked.why, fix: 'Allow the call to have this checked.' };
}

/** The same for facts of an instance that may not exist. */
export function present<T>(asked: Asked<T | null>, absent: string, judge: (value: T) => Finding): Finding {
  return known(asked, (value) => (value === null ? notApplicable(absent) : judge(value)));
}
