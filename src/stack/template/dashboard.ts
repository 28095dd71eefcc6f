/** One page of CloudWatch with what the alarms judge: servers, balancer, database, jobs. */
import { CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmNeeds } from './alarms.js';
import type { Context } from './context.js';

type Measure = readonly [namespace: string, metric: string, ...dimensions: string[]];

interface Panel {
  readonly title: string;
  readonly stat: string;
  readonly measures: readonly Measure[];
}

const WIDTH = 8;
const HEIGHT = 6;

export function buildDashboard({ stack, name, facts }: Context, needs: AlarmNeeds): void {
  const widgets = panels(needs).map(({ title, stat, measures }, index) => ({
    type: 'metric',
    x: (index % 3) * WIDTH,
    y: Math.floor(index / 3) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
    properties: { title, stat, period: 60, region: facts.region, view: 'timeSeries', metrics: measures },
  }));
  new CfnDashboard(stack, 'Dashboard', {
    dashboardName: name,
    dashboardBody: stack.toJsonString({ widgets }),
  });
}

function panels({ edge, database, asgName, ecs }: AlarmNeeds): Panel[] {
  const balancer = ['LoadBalancer', edge.balancerName] as const;
  const api = ['TargetGroup', edge.apiTargets.name, ...balancer] as const;
  const runner = ['TargetGroup', edge.runnerTargets.name, ...balancer] as const;
  const elb = (metric: string, ...dimensions: string[]): Measure => [
    'AWS/ApplicationELB',
    metric,
    ...dimensions,
  ];
  const rds = (metric: string): Measure => ['AWS/RDS', metric, 'DBInstanceIdentifier', database.id];
  return [
    {
      title: 'Requests',
      stat: 'Sum',
      measures: [elb('RequestCount', ...api), elb('RequestCount', ...runner)],
    },
    { title: 'API latency, p99', stat: 'p99', measures: [elb('TargetResponseTime', ...api)] },
    {
      title: 'Errors',
      stat: 'Sum',
      measures: [elb('HTTPCode_Target_5XX_Count', ...api), elb('HTTPCode_ELB_5XX_Count', ...balancer)],
    },
    {
      title: 'Healthy servers',
      stat: 'Minimum',
      measures: [elb('HealthyHostCount', ...api), elb('UnHealthyHostCount', ...api)],
    },
    { title: 'Server processors', stat: 'Average', measures: [serverCpu(asgName, ecs)] },
    { title: 'Server memory and disk', stat: 'Average', measures: serverRoom(asgName, ecs) },
    { title: 'Database processor', stat: 'Average', measures: [rds('CPUUtilization')] },
    { title: 'Database connections', stat: 'Average', measures: [rds('DatabaseConnections')] },
    {
      title: 'Database storage and memory',
      stat: 'Average',
      measures: [rds('FreeStorageSpace'), rds('FreeableMemory')],
    },
    { title: 'Database latency', stat: 'Average', measures: [rds('ReadLatency'), rds('WriteLatency')] },
    {
      title: 'Jobs waiting',
      stat: 'Maximum',
      measures: [
        ['roc', 'QueueDepth'],
        ['roc', 'OldestQueuedSeconds'],
      ],
    },
    {
      title: 'Runners and failures',
      stat: 'Maximum',
      measures: [
        ['roc', 'RunnersOnline'],
        ['roc', 'JobsFailed'],
      ],
    },
  ];
}

function serverCpu(asgName: string | null, ecs: AlarmNeeds['ecs']): Measure {
  return ecs === null
    ? ['AWS/EC2', 'CPUUtilization', 'AutoScalingGroupName', asgName ?? '']
    : ['AWS/ECS', 'CPUUtilization', 'ClusterName', ecs.cluster, 'ServiceName', ecs.service];
}

function serverRoom(asgName: string | null, ecs: AlarmNeeds['ecs']): Measure[] {
  if (ecs !== null)
    return [['AWS/ECS', 'MemoryUtilization', 'ClusterName', ecs.cluster, 'ServiceName', ecs.service]];
  return ['mem_used_percent', 'disk_used_percent'].map((metric) => [
    'roc/hosts',
    metric,
    'AutoScalingGroupName',
    asgName ?? '',
  ]);
}
