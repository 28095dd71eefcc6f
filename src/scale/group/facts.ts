/** What AWS says of the thing that is scaled: an Auto Scaling group, or a service of ECS in the same words. */

export interface GroupInstance {
  readonly id: string;
  readonly zone: string;
  /** As AWS calls it: `Pending`, `InService`, `Terminating:Wait`, … */
  readonly lifecycle: string;
  readonly isHealthy: boolean;
  /** Protected from scale-in by its owner: never chosen. */
  readonly isProtected: boolean;
  /** Version of the launch template; null where it has none. */
  readonly templateVersion: number | null;
  readonly type: string | null;
}

export interface Group {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly zones: readonly string[];
  readonly instances: readonly GroupInstance[];
  readonly targetGroupArns: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Processes that somebody suspended: `Launch`, `Terminate`, `AZRebalance`, … */
  readonly suspended: readonly string[];
  readonly warmupSeconds: number | null;
  /** Group metrics that are collected each minute. */
  readonly metrics: readonly string[];
  /** AWS is deleting it. */
  readonly isLeaving: boolean;
}

/** A policy of scaling that somebody else wrote. */
export interface ScalingPolicy {
  readonly name: string;
  readonly type: 'TargetTrackingScaling' | 'StepScaling' | 'SimpleScaling' | 'PredictiveScaling' | string;
  readonly isEnabled: boolean;
  /** Target tracking only: what it holds the metric at. */
  readonly target: number | null;
  /** Target tracking only: it adds and never takes away. */
  readonly isOutOnly: boolean;
  /** Target tracking only: a predefined metric's name, `custom` for another. */
  readonly metric: string | null;
  /** Predictive only. */
  readonly mode: 'ForecastAndScale' | 'ForecastOnly' | null;
}

export interface ScheduledAction {
  readonly name: string;
  /** A cron expression or an instant. */
  readonly when: string;
  readonly min: number | null;
  readonly max: number | null;
  readonly desired: number | null;
}

/** A launch or a termination that the group has done or is doing. */
export interface Activity {
  readonly id: string;
  readonly kind: 'launch' | 'terminate' | 'other';
  readonly instanceId: string | null;
  readonly startedAt: number;
  /** Null while it is going on. */
  readonly endedAt: number | null;
  readonly status: string;
  readonly cause: string;
}

/** What else moves this group's size. */
export interface Contenders {
  readonly policies: readonly ScalingPolicy[];
  readonly scheduled: readonly ScheduledAction[];
  /** An instance refresh or a deployment that replaces what runs; null where there is none. */
  readonly rollout: string | null;
}

/** How the load balancer sees one target. */
export type TargetState =
  | 'initial'
  | 'healthy'
  | 'unhealthy'
  | 'unhealthy.draining'
  | 'unused'
  | 'draining'
  | 'unavailable';

/** By instance id, the states in one target group. */
export type TargetHealth = ReadonlyMap<string, TargetState>;

/** What the answer to a change carries, for the audit. */
export interface Written {
  readonly call: string;
  readonly requestId: string | null;
}
