/** Alarms of the servers and of the measures that the orchestrator writes itself. */
import type { AlarmPlan } from './alarm-plan.js';
import type { Context } from './context.js';

export interface Servers {
  readonly asgName: string | null;
  readonly ecs: { readonly cluster: string; readonly service: string } | null;
  readonly bastionId: string | null;
}

export function serverAlarms({ settings }: Context, { asgName, ecs, bastionId }: Servers): AlarmPlan[] {
  const hosts: AlarmPlan[] =
    bastionId === null
      ? []
      : [
          {
            id: 'BastionStatus',
            about: 'the bastion fails its checks',
            namespace: 'AWS/EC2',
            metric: 'StatusCheckFailed',
            dimensions: { InstanceId: bastionId },
            statistic: 'Maximum',
            threshold: 0,
            when: 'above',
            minutes: 5,
          },
        ];
  if (ecs !== null) {
    const of = {
      namespace: 'AWS/ECS',
      dimensions: { ClusterName: ecs.cluster, ServiceName: ecs.service },
      statistic: 'Average',
      when: 'above',
      minutes: 10,
    } as const;
    return [
      ...hosts,
      { ...of, id: 'ServerCpu', about: 'tasks compute over 85 %', metric: 'CPUUtilization', threshold: 85 },
      {
        ...of,
        id: 'ServerMemory',
        about: 'tasks use over 85 % of their memory',
        metric: 'MemoryUtilization',
        threshold: 85,
      },
    ];
  }
  const dimensions = { AutoScalingGroupName: asgName ?? '' };
  const of = { dimensions, statistic: 'Average', when: 'above', minutes: 10 } as const;
  return [
    ...hosts,
    {
      ...of,
      id: 'ServerCpu',
      about: 'servers compute over 85 %',
      namespace: 'AWS/EC2',
      metric: 'CPUUtilization',
      threshold: 85,
    },
    {
      ...of,
      id: 'ServerMemory',
      about: 'servers use over 85 % of their memory',
      namespace: 'roc/hosts',
      metric: 'mem_used_percent',
      threshold: 85,
    },
    {
      ...of,
      id: 'ServerDisk',
      about: 'a disk is over 80 % full',
      namespace: 'roc/hosts',
      metric: 'disk_used_percent',
      threshold: 80,
    },
    {
      ...of,
      id: 'ServersInService',
      about: `fewer than ${settings.app.min} servers are in service`,
      namespace: 'AWS/AutoScaling',
      metric: 'GroupInServiceInstances',
      statistic: 'Minimum',
      threshold: settings.app.min,
      when: 'below',
      silence: 'breaching',
    },
  ];
}

/** Measures that the orchestrator writes as embedded metrics in its log. */
export function ownAlarms(): AlarmPlan[] {
  const of = { namespace: 'roc', dimensions: {}, silence: 'notBreaching', when: 'above' } as const;
  return [
    {
      ...of,
      id: 'OldestQueued',
      about: 'a job waits for over 15 minutes',
      metric: 'OldestQueuedSeconds',
      statistic: 'Maximum',
      threshold: 900,
      minutes: 5,
    },
    {
      ...of,
      id: 'JobsFailed',
      about: 'over 20 jobs failed in 15 minutes',
      metric: 'JobsFailed',
      statistic: 'Sum',
      threshold: 20,
      minutes: 15,
    },
  ];
}
