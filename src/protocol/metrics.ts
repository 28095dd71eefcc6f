/** The metrics that other parts build on: one name in CloudWatch, one in Prometheus (whose rules ask for lower case and units). */

export interface Metric {
  /** Name at /metrics. */
  readonly prometheus: string;
  readonly unit: 'Count' | 'Seconds';
  /** What it is told apart by, in CloudWatch's words; the Prometheus labels are the same in lower case. */
  readonly dimensions: readonly string[];
  readonly summary: string;
}

export const METRICS = {
  QueueDepth: {
    prometheus: 'roc_queue_depth',
    unit: 'Count',
    dimensions: ['Tenant', 'Pool'],
    summary: 'Jobs that are ready to be taken',
  },
  OldestQueuedSeconds: {
    prometheus: 'roc_oldest_queued_seconds',
    unit: 'Seconds',
    dimensions: ['Tenant', 'Pool'],
    summary: 'How long the oldest ready job has waited',
  },
  RunnersOnline: {
    prometheus: 'roc_runners_online',
    unit: 'Count',
    dimensions: ['Tenant', 'Pool'],
    summary: 'Runners that were heard of within their heartbeat',
  },
  JobsFailed: {
    prometheus: 'roc_jobs_failed_total',
    unit: 'Count',
    dimensions: ['State'],
    summary: 'Jobs that ended failed, timed_out or dead on this node since it started',
  },
  ApiLatency: {
    prometheus: 'roc_api_latency_seconds',
    unit: 'Seconds',
    dimensions: ['Class'],
    summary: 'Time to answer by URL class, without the time a request was held on purpose',
  },
} as const satisfies Record<string, Metric>;
