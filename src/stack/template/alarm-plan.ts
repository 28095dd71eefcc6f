/** One alarm as data. */

/** One alarm; the dimensions are of the measure, the threshold in its unit. */
export interface AlarmPlan {
  readonly id: string;
  readonly about: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly threshold: number;
  readonly when: 'above' | 'below';
  readonly minutes: number;
  /** Seconds that one value sums up; a minute by default. */
  readonly period?: number;
  readonly silence?: 'breaching' | 'notBreaching';
}
