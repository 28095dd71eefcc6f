/**
 * The fixed metrics as lines that CloudWatch Logs turns into metrics by itself.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { METRICS } from '../../protocol/metrics.js';
import type { PoolReading } from '../store/pool-readings.js';

/** What a node saw since it was asked last. */
export interface Interval {
  /** Jobs that ended badly, by state. */
  readonly failed: ReadonlyMap<string, number>;
  /** Some of the answers' times in seconds, by URL class. */
  readonly latencies: ReadonlyMap<string, readonly number[]>;
}

/** The most values of one metric in one line. */
export const MOST_VALUES = 100;

const NAMESPACE = 'roc';

/** @param at epoch milliseconds @returns one JSON text a line */
export function embeddedMetrics(pools: readonly PoolReading[], seen: Interval, at: number): string[] {
  return [
    ...pools.map(({ tenant, pool, queued, oldestQueuedSeconds, runnersOnline }) =>
      line(at, ['QueueDepth', 'OldestQueuedSeconds', 'RunnersOnline'], {
        ...{ Tenant: tenant, Pool: pool, QueueDepth: queued },
        ...{ OldestQueuedSeconds: oldestQueuedSeconds, RunnersOnline: runnersOnline },
      }),
    ),
    ...[...seen.failed].map(([State, JobsFailed]) => line(at, ['JobsFailed'], { State, JobsFailed })),
    ...[...seen.latencies].map(([Class, ApiLatency]) => line(at, ['ApiLatency'], { Class, ApiLatency })),
  ];
}

type MetricName = keyof typeof METRICS;

/** Each metric by its dimensions, and once without any: alarms look at the whole. */
function line(at: number, names: readonly [MetricName, ...MetricName[]], values: object): string {
  const Metrics = names.map((Name) => ({ Name, Unit: METRICS[Name].unit }));
  const Dimensions = [METRICS[names[0]].dimensions, []];
  const _aws = { Timestamp: at, CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions, Metrics }] };
  return JSON.stringify({ _aws, ...values });
}
