/** How old and how good each metric was. */
import type { DataNote, DataVerdict } from './decision.js';
import type { Case } from './rails/rail.js';
import type { MetricName, Series } from './snapshot.js';

const METRICS: readonly MetricName[] = [
  'demand',
  'cpu',
  'healthyHosts',
  'unhealthyHosts',
  'dbCpu',
  'dbConnections',
];

/** @param signal the metric that the decision rests on; @param takenAt start of its newest bucket */
export function dataNotes(about: Case, signal: MetricName, takenAt: number): DataNote[] {
  return METRICS.map((metric) => {
    const series = about.snapshot.metrics[metric];
    const isSignal = metric === signal;
    const end = endOf(series, about.now - settleOf(metric, about), isSignal ? takenAt : 0);
    const ageSeconds = end === null ? null : Math.round((about.now - end) / 1000);
    const own = verdictOf(series, ageSeconds, about.policy.timing.maxAge);
    return {
      metric,
      ageSeconds,
      verdict: isSignal && about.doubt !== '' && series !== null ? about.doubt : own,
    };
  });
}

function settleOf(metric: MetricName, { policy: { timing } }: Case): number {
  if (metric === 'cpu') return timing.settle.ec2;
  return metric === 'dbCpu' || metric === 'dbConnections' ? timing.settle.rds : timing.settle.alb;
}

// End of the newest settled bucket; one taken in earlier counts as well.
function endOf(series: Series | null, settledUntil: number, takenAt: number): number | null {
  if (series === null) return null;
  let newest = takenAt === 0 ? null : takenAt + series.periodMs;
  for (const { at } of series.points) {
    const end = at + series.periodMs;
    if (end <= settledUntil && (newest === null || end > newest)) newest = end;
  }
  return newest;
}

function verdictOf(series: Series | null, ageSeconds: number | null, maxAge: number): DataVerdict {
  if (series === null) return 'not-read';
  if (series.status === 'failed') return 'failed';
  if (ageSeconds === null) return 'missing';
  if (ageSeconds * 1000 > maxAge + Math.max(0, series.periodMs - 60_000) + 60_000) return 'stale';
  return series.status === 'partial' ? 'partial' : 'fresh';
}
