/** What is tuned when tuning is asked for: three families of sixteen targets each, for every contender alike. */
import { MINUTE } from '../../../kernel/time.js';
import type { ScalePolicy } from '../../policy/policy.js';
import { BASELINE_FAMILIES, type Family } from './families.js';
import { rocFamily } from './roc-family.js';

export interface Tunable {
  readonly name: string;
  readonly families: readonly Family[];
}

const WINDOWS = [30, 60, 90] as const;

/** The scale-in window of a policy of roc, in minutes, beside its target: the two that matter most. */
export function rocTunable(name: string, policy: ScalePolicy): Tunable {
  return {
    name,
    families: WINDOWS.map((minutes) =>
      rocFamily(`${name}-w${minutes}`, {
        ...policy,
        scaleIn: { ...policy.scaleIn, window: minutes * MINUTE },
      }),
    ),
  };
}

export const BASELINE_TUNABLES: readonly Tunable[] = [
  { name: 'HPA', families: named('hpa-w30', 'hpa-w60', 'hpa-w90') },
  { name: 'AWS target tracking', families: named('tt', 'tt-5m', 'tt-1dp') },
];

function named(...names: readonly string[]): Family[] {
  return BASELINE_FAMILIES.filter(({ name }) => names.includes(name));
}
