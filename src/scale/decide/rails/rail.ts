/** What a rail is: a small rule of its own that may change the number, and says why it did or did not. */
import type { ScalePolicy } from '../../policy/policy.js';
import type { Calendar } from '../calendar.js';
import type { Snapshot } from '../snapshot.js';

export type RailId =
  | 'database-connections'
  | 'database-cpu'
  | 'credits'
  | 'adopted'
  | 'data'
  | 'window'
  | 'clock'
  | 'unhealthy'
  | 'rollout'
  | 'freeze'
  | 'cooldown'
  | 'flap-budget'
  | 'step'
  | 'zones'
  | 'bounds'
  | 'off-switch';

/** What a rail may look at. Reused from one decision to the next: a rail keeps no part of it. */
export interface Case {
  readonly policy: ScalePolicy;
  readonly calendar: Calendar;
  snapshot: Snapshot;
  now: number;
  /** Desired capacity as AWS has it. */
  current: number;
  /** Newest demand in instances' worth; null where it is unknown. */
  demand: number | null;
  /** Why the signal cannot speak for a cut; empty where it can. */
  doubt: Doubt;
  /** From here on the signal has no hole; 0 where there is none yet. */
  since: number;
  /** Until then nothing is cut because the clock was put back; 0 where it never was. */
  clockUntil: number;
  /** Until then somebody else's change stands. */
  adoptedUntil: number;
  /** When capacity changed, epoch milliseconds, negative for a cut; newest last. */
  actions: readonly number[];
}

/** The first thing that is wrong with the data. */
export type Doubt = '' | 'stale' | 'missing' | 'partial' | 'duplicated' | 'zero-filled' | 'failed';

export interface Rail {
  readonly id: RailId;
  /** The number after this rail; the same where it has nothing to say. Never falls where `proposed` rises. */
  apply(proposed: number, about: Case): number;
  /** @param before what it was asked about; @param after what it made of it */
  why(about: Case, before: number, after: number): string;
}

/** Capacity is kept where a cut was proposed and something speaks against it. */
export function keepWhere(isAgainst: boolean, proposed: number, { current }: Case): number {
  return isAgainst ? current : proposed;
}
