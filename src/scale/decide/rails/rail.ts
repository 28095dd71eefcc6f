/** What a rail is: a small rule of its own that may change the number, and says why it did or did not. */
import type { ScalePolicy } from '../../policy.js';
import type { Snapshot } from '../snapshot.js';

export const RAIL_IDS = [
  'database',
  'adopted',
  'data',
  'window',
  'clock',
  'unhealthy',
  'rollout',
  'freeze',
  'credits',
  'cooldown',
  'flap-budget',
  'step',
  'bounds',
  'zones',
  'off-switch',
] as const;

export type RailId = (typeof RAIL_IDS)[number];

/** What a rail may look at. Reused from one decision to the next: a rail keeps no part of it. */
export interface Case {
  readonly policy: ScalePolicy;
  snapshot: Snapshot;
  now: number;
  /** Desired capacity as AWS has it. */
  current: number;
  /** Utilisation of what serves now, at the last known demand; null where demand is unknown. */
  utilisation: number | null;
  /** Instances without which the SLO itself would break. */
  emergency: number;
  /** Why the signal cannot speak for a cut; empty where it can. */
  doubt: Doubt;
  /** When the signal last had a hole, or began. */
  since: number;
  /** The clock ran backwards: how far, milliseconds. */
  jumpedBack: number;
  /** Until then somebody else's change stands. */
  adoptedUntil: number;
  /** Time of the last change of capacity, 0 where none is known. */
  lastChange: number;
  /** Changes within the span of the flap budget. */
  changes: number;
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
