/** What reading metrics costs: https://aws.amazon.com/cloudwatch/pricing/ (GetMetricData has no free tier). */
import { DAY } from '../../kernel/time.js';

const USD_PER_METRIC = 0.01 / 1000;

/** Up to so many statistics of one metric count as one metric requested. */
const STATISTICS_PER_METRIC = 5;

export interface ReadingCost {
  /** Metrics requested, as AWS counts them; each page of an answer is asked for, and counted, anew. */
  readonly metrics: number;
  readonly usd: number;
}

/** What one request for these metrics counts as; equal keys are statistics of the same metric. */
export function metricsRequested(keys: readonly string[]): number {
  const statistics = new Map<string, number>();
  for (const key of keys) statistics.set(key, (statistics.get(key) ?? 0) + 1);
  let metrics = 0;
  for (const count of statistics.values()) metrics += Math.ceil(count / STATISTICS_PER_METRIC);
  return metrics;
}

export function readingCost(metrics: number): ReadingCost {
  return { metrics, usd: metrics * USD_PER_METRIC };
}

/** US dollars of 30 days in which every `everyMs` so many metrics are requested. */
export function monthlyUsd(metrics: number, everyMs: number): number {
  return ((30 * DAY) / everyMs) * metrics * USD_PER_METRIC;
}
