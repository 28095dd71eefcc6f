/** What a decision says: a number, why, which rails spoke, and how good the data was. */
import type { RailId } from './rails/rail.js';
import type { MetricName } from './snapshot.js';
import type { ScaleState } from './state.js';

export type DataVerdict =
  | 'fresh'
  | 'stale'
  | 'missing'
  | 'partial'
  | 'duplicated'
  | 'zero-filled'
  | 'failed'
  | 'not-read';

export interface DataNote {
  readonly metric: MetricName;
  /** Since the end of the newest settled bucket; null where there is none. */
  readonly ageSeconds: number | null;
  readonly verdict: DataVerdict;
}

export interface RailNote {
  readonly id: RailId;
  /** True where the rail changed the number. */
  readonly applied: boolean;
  readonly why: string;
}

/** Why a number is what it is, in words and in numbers. */
export interface Explanation {
  readonly reasons: readonly string[];
  /** Every rail, in the order in which they were asked. */
  readonly rails: readonly RailNote[];
  readonly data: readonly DataNote[];
  readonly figures: Figures;
}

/** In units of one fully busy instance, null where unknown. */
export interface Figures {
  readonly demand: number | null;
  /** Instances that demand asks for now, at the target utilisation. */
  readonly need: number | null;
  /** Instances that the scale-in window would have needed. */
  readonly windowNeed: number | null;
  /** Instances that the forecast asks for; null where it is off or knows too little. */
  readonly forecastNeed: number | null;
}

export interface Decision extends Explanation {
  /** Desired capacity as AWS had it. */
  readonly current: number;
  readonly desired: number;
  readonly action: 'out' | 'in' | 'hold';
  readonly state: ScaleState;
}
