/** Which stretch of time a reading asks for: whole buckets, and no finer than CloudWatch still keeps. Pure. */
import { DAY, HOUR, MINUTE, SECOND } from '../../kernel/time.js';
import { floorTo } from './series.js';

/** From `from` up to, not including, `to`. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Starts and ends with whole buckets: AWS answers such a request fastest, and no bucket is cut. */
export function alignedWindow({ from, to }: Window, periodMs: number): Window {
  const start = floorTo(from, periodMs);
  return { from: start, to: Math.max(start + periodMs, Math.ceil(to / periodMs) * periodMs) };
}

/**
 * The shortest period that CloudWatch still keeps for a time so long ago: a minute for 15 days, five for 63, an hour
 * for 455 (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Metric).
 */
export function finestPeriodSeconds(agoMs: number): number {
  if (agoMs <= 15 * DAY) return MINUTE / SECOND;
  return agoMs <= 63 * DAY ? (5 * MINUTE) / SECOND : HOUR / SECOND;
}
