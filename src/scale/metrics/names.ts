/** The metrics this room reads, in AWS's words: namespace, name, statistic, period and what silence means. */

export interface MetricQuery {
  /** The caller's own name for it; unique in one reading. */
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile: `p95`. */
  readonly statistic: string;
  readonly periodSeconds: number;
}

const ELB = 'AWS/ApplicationELB';
const MINUTELY = 60;
/** Credits of burstable instances are told every five minutes only. */
const FIVE_MINUTELY = 300;

/** A balancer and one of its target groups, as CloudWatch calls them: `app/NAME/ID` and `targetgroup/NAME/ID`. */
export interface BalancerNames {
  readonly balancer: string;
  readonly targetGroup: string;
}

/** @example balancerNames('arn:…:loadbalancer/app/roc/50dc6c49', 'arn:…:targetgroup/api/73e2d6bc') */
export function balancerNames(balancerArn: string, targetGroupArn: string): BalancerNames {
  return {
    balancer: balancerArn.split(':loadbalancer/').at(-1) ?? balancerArn,
    targetGroup: targetGroupArn.split(':').at(-1) ?? targetGroupArn,
  };
}

/** By what is asked of a balancer's target group. Requests and errors are silent while there are none. */
const BALANCER_METRICS = {
  requests: { metric: 'RequestCount', statistic: 'Sum' },
  p95: { metric: 'TargetResponseTime', statistic: 'p95' },
  target5xx: { metric: 'HTTPCode_Target_5XX_Count', statistic: 'Sum' },
  healthy: { metric: 'HealthyHostCount', statistic: 'Minimum' },
  unhealthy: { metric: 'UnHealthyHostCount', statistic: 'Maximum' },
} as const;

export type BalancerMetric = keyof typeof BALANCER_METRICS;

export function balancerQuery(names: BalancerNames, name: BalancerMetric): MetricQuery {
  return {
    id: name,
    namespace: ELB,
    ...BALANCER_METRICS[name],
    dimensions: { LoadBalancer: names.balancer, TargetGroup: names.targetGroup },
    periodSeconds: MINUTELY,
  };
}

/** 5xx that the balancer answers itself, because no target could. */
export function balancerErrorsQuery(balancer: string): MetricQuery {
  return {
    id: 'balancer5xx',
    namespace: ELB,
    metric: 'HTTPCode_ELB_5XX_Count',
    statistic: 'Sum',
    dimensions: { LoadBalancer: balancer },
    periodSeconds: MINUTELY,
  };
}

/** Mean CPU of a group, in percent: each minute with detailed monitoring, else every five. */
export function groupCpuQuery(asgName: string, periodSeconds = MINUTELY): MetricQuery {
  return {
    id: 'cpu',
    namespace: 'AWS/EC2',
    metric: 'CPUUtilization',
    statistic: 'Average',
    dimensions: { AutoScalingGroupName: asgName },
    periodSeconds,
  };
}

/** Instances in service, where the group's own metrics are switched on. */
export function groupSizeQuery(asgName: string): MetricQuery {
  return {
    id: 'inService',
    namespace: 'AWS/AutoScaling',
    metric: 'GroupInServiceInstances',
    statistic: 'Average',
    dimensions: { AutoScalingGroupName: asgName },
    periodSeconds: MINUTELY,
  };
}

const SERVICE_METRICS = { serviceCpu: 'CPUUtilization', serviceMemory: 'MemoryUtilization' } as const;

/** Mean use of what the tasks of a service were given, in percent. A cluster may be named by its ARN. */
export function serviceQuery(
  cluster: string,
  service: string,
  name: keyof typeof SERVICE_METRICS,
): MetricQuery {
  return {
    id: name,
    namespace: 'AWS/ECS',
    metric: SERVICE_METRICS[name],
    statistic: 'Average',
    dimensions: { ClusterName: cluster.split('/').at(-1) ?? cluster, ServiceName: service },
    periodSeconds: MINUTELY,
  };
}

const INSTANCE_METRICS = {
  cpu: { metric: 'CPUUtilization', statistic: 'Average', periodSeconds: FIVE_MINUTELY },
  credits: { metric: 'CPUCreditBalance', statistic: 'Minimum', periodSeconds: FIVE_MINUTELY },
  surplus: { metric: 'CPUSurplusCreditBalance', statistic: 'Maximum', periodSeconds: FIVE_MINUTELY },
} as const;

export type InstanceMetric = keyof typeof INSTANCE_METRICS;

/** Its id is `NAME:INSTANCE`. */
export function instanceQuery(instanceId: string, name: InstanceMetric): MetricQuery {
  return {
    id: `${name}:${instanceId}`,
    namespace: 'AWS/EC2',
    ...INSTANCE_METRICS[name],
    dimensions: { InstanceId: instanceId },
  };
}

const DATABASE_METRICS = {
  cpu: { metric: 'CPUUtilization', statistic: 'Average' },
  connections: { metric: 'DatabaseConnections', statistic: 'Maximum' },
  freeMemory: { metric: 'FreeableMemory', statistic: 'Minimum' },
  freeStorage: { metric: 'FreeStorageSpace', statistic: 'Minimum' },
  replicaLag: { metric: 'ReplicaLag', statistic: 'Maximum' },
  credits: { metric: 'CPUCreditBalance', statistic: 'Minimum' },
} as const;

export type DatabaseMetric = keyof typeof DATABASE_METRICS;

/** Its id is `db:NAME:DATABASE`. */
export function databaseQuery(databaseId: string, name: DatabaseMetric): MetricQuery {
  return {
    id: `db:${name}:${databaseId}`,
    namespace: 'AWS/RDS',
    ...DATABASE_METRICS[name],
    dimensions: { DBInstanceIdentifier: databaseId },
    periodSeconds: name === 'credits' ? FIVE_MINUTELY : MINUTELY,
  };
}
