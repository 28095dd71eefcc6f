/** What a decision looks at: made by a gatherer from AWS, or by a simulator from a model, both cheaply. */

/** One bucket of a metric. Nothing in it may be invented: a bucket without a value is left out. */
export interface Sample {
  /** Start of the bucket, epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

export interface Series {
  /** Length of a bucket. */
  readonly periodMs: number;
  /** `partial`: CloudWatch said PartialData, or not every instance reports. `failed`: it could not be read. */
  readonly status: 'complete' | 'partial' | 'failed';
  /**
   * Buckets in ascending order: those since the last look, or any longer past (buckets known already cost
   * nothing and change nothing, but one that has grown since counts anew). May be empty.
   */
  readonly points: readonly Sample[];
}

/** Metrics by the names under which a decision speaks of them; null is "not read at all". */
export interface Metrics {
  /** Requests a minute of the api class, over the whole group (ALB RequestCount; held polls never count). */
  readonly demand: Series | null;
  /** Average CPU of the group, percent. */
  readonly cpu: Series | null;
  /** Least HealthyHostCount of the target group in the bucket. */
  readonly healthyHosts: Series | null;
  /** Most UnHealthyHostCount of the target group in the bucket. */
  readonly unhealthyHosts: Series | null;
  /** Database CPU, percent. */
  readonly dbCpu: Series | null;
  readonly dbConnections: Series | null;
}

export type MetricName = keyof Metrics;

export interface InstanceFact {
  readonly id: string;
  readonly zone: string;
  /** `pending`: launched, not yet in service. `leaving`: draining or terminating. `idle`: standby or warm pool. */
  readonly state: 'pending' | 'inService' | 'leaving' | 'idle';
  readonly healthy: boolean;
  /** Epoch milliseconds. */
  readonly launchedAt: number;
  /** CPU credits of a T instance; null where it has none or it is unknown. */
  readonly creditBalance: number | null;
  /** Jobs that it runs now; null where that is unknown or has no meaning. */
  readonly busyJobs: number | null;
  /** AWS refuses to scale it in. */
  readonly isProtected: boolean;
}

/** The group as AWS describes it now (instances of an ASG, or tasks of a service). */
export interface Group {
  readonly name: string;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  /** Zones that it spreads over. */
  readonly zones: readonly string[];
  readonly instances: readonly InstanceFact[];
}

/** null is "could not be found out", which stops scaling in where the fact matters. */
export interface Facts {
  /** The tag `roc:scale=off` is on the group. */
  readonly isSwitchedOff: boolean | null;
  /** An instance refresh runs. */
  readonly isRefreshing: boolean | null;
  /** A deployment of the stack or of the service runs. */
  readonly isDeploying: boolean | null;
  /** `max_connections` of the database; null also where there is no database. */
  readonly dbMaxConnections: number | null;
  /** 90th percentile of what the group's own launches took, milliseconds. */
  readonly bootMs: number | null;
  /** T instances: what a dry one still does, and whether surplus credits are sold; null for other types. */
  readonly burst: { readonly mode: 'standard' | 'unlimited'; readonly baseline: number } | null;
}

export interface Snapshot {
  readonly group: Group;
  readonly metrics: Metrics;
  readonly facts: Facts;
}
