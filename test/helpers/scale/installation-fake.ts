/** Strict fake of one installation on AWS: balancer, group or service, database and alarms, with an hour of metrics. */
import { AwsFault, type FakeHandlers } from '../aws-model/fake-aws.js';
import { type FakeCloudWatch, fakeCloudWatch } from './cloudwatch-fake.js';

const MINUTE = 60_000;
const GIB = 2 ** 30;
const OF = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';

export const INSTALLATION = {
  albArn: `${OF}:loadbalancer/app/roc-prod/50dc6c495c0c9188`,
  apiTargetGroupArn: `${OF}:targetgroup/roc-prod-api/73e2d6bc24d8a067`,
  runnerTargetGroupArn: `${OF}:targetgroup/roc-prod-runner/83e2d6bc24d8a068`,
  asgName: 'roc-prod',
  ecsCluster: null,
  ecsService: null,
  dbInstanceId: 'roc-prod-db',
  alarmTopicArn: 'arn:aws:sns:eu-west-1:123456789012:roc-prod-alarms',
} as const;

type Row = Record<string, unknown>;

export interface FakeInstallation {
  readonly watch: FakeCloudWatch;
  readonly handlers: FakeHandlers;
  /** Changed by tests. */
  readonly group: Row & { Instances: Row[] };
  readonly instances: Row[];
  readonly credits: Map<string, string>;
  /** By the end of the target group's ARN. */
  readonly targets: Map<string, [id: string, state: string][]>;
  readonly database: Row;
  readonly parameters: Row[];
  readonly events: Row[];
  readonly alarms: Row[];
  readonly service: Row;
  /** Operations that the caller may not do. */
  readonly refused: Set<string>;
}

const ZONES = ['eu-west-1a', 'eu-west-1b'];
const IDS = ['i-0a1b2c3d4e5f60718', 'i-0f1e2d3c4b5a69788'];

export function fakeInstallation(now: () => number): FakeInstallation {
  const watch = fakeCloudWatch(now);
  const fake: FakeInstallation = {
    watch,
    handlers: {},
    group: {
      ...{
        AutoScalingGroupName: 'roc-prod',
        MinSize: 2,
        MaxSize: 6,
        DesiredCapacity: 2,
        DefaultCooldown: 300,
      },
      ...{ AvailabilityZones: ZONES, HealthCheckType: 'ELB', CreatedTime: new Date(now() - 9e9), Tags: [] },
      Instances: IDS.map((InstanceId, i) => groupInstance(InstanceId, ZONES[i]!)),
    },
    instances: IDS.map((InstanceId) => ({
      ...{ InstanceId, InstanceType: 't3.small', LaunchTime: new Date(now() - 9e8) },
      State: { Code: 16, Name: 'running' },
    })),
    credits: new Map(IDS.map((id) => [id, 'unlimited'])),
    targets: new Map([
      ['api', IDS.map((id) => [id, 'healthy'] as [string, string])],
      ['runner', IDS.map((id) => [id, 'healthy'] as [string, string])],
    ]),
    database: {
      ...{
        DBInstanceIdentifier: 'roc-prod-db',
        DBInstanceStatus: 'available',
        DBInstanceClass: 'db.m5.2xlarge',
      },
      ...{ Engine: 'mysql', EngineVersion: '8.0.43', MultiAZ: true, AvailabilityZone: 'eu-west-1a' },
      ...{ SecondaryAvailabilityZone: 'eu-west-1b', AllocatedStorage: 100, MaxAllocatedStorage: 500 },
      LatestRestorableTime: new Date(now() - 4 * MINUTE),
      DBParameterGroups: [{ DBParameterGroupName: 'roc-prod-db', ParameterApplyStatus: 'in-sync' }],
    },
    parameters: [],
    events: [],
    alarms: [
      {
        ...{ AlarmName: 'roc-prod-Unhealthy', StateValue: 'OK', StateReason: 'Threshold Crossed' },
        ...{ AlarmActions: [INSTALLATION.alarmTopicArn], StateUpdatedTimestamp: new Date(0) },
      },
    ],
    service: {},
    refused: new Set(),
  };
  measure(watch, now());
  Object.assign(fake.handlers, watch.handlers, handlersOf(fake));
  return fake;
}

function groupInstance(InstanceId: string, AvailabilityZone: string): Row {
  return {
    ...{ InstanceId, AvailabilityZone, InstanceType: 't3.small', LifecycleState: 'InService' },
    ...{ HealthStatus: 'Healthy', ProtectedFromScaleIn: false },
  };
}

/** The last hour: requests that swell, steady everything else. */
function measure(watch: FakeCloudWatch, now: number): void {
  const balancer = { LoadBalancer: 'app/roc-prod/50dc6c495c0c9188' };
  const api = { ...balancer, TargetGroup: 'targetgroup/roc-prod-api/73e2d6bc24d8a067' };
  const elb = (metric: string, dimensions: Record<string, string> = api) => ({
    namespace: 'AWS/ApplicationELB',
    metric,
    dimensions,
  });
  const ec2 = (metric: string, dimensions: Record<string, string>) => ({
    namespace: 'AWS/EC2',
    metric,
    dimensions,
  });
  const rds = (metric: string) => ({
    namespace: 'AWS/RDS',
    metric,
    dimensions: { DBInstanceIdentifier: 'roc-prod-db' },
  });
  const minute = Math.floor(now / MINUTE) * MINUTE;
  for (let back = 65; back > 0; back--) {
    const at = minute - back * MINUTE;
    const wave = Math.sin(back / 9);
    watch.put(elb('RequestCount'), at, Math.round(900 + 400 * wave));
    watch.put(elb('TargetResponseTime'), at, [0.04, 0.05, 0.08, 0.2 + 0.05 * wave]);
    watch.put(elb('HealthyHostCount'), at, 2);
    watch.put(rds('CPUUtilization'), at, 22 + 6 * wave);
    watch.put(rds('DatabaseConnections'), at, 31);
    watch.put(rds('FreeableMemory'), at, 6.4 * GIB);
    watch.put(rds('FreeStorageSpace'), at, 71 * GIB);
    if (at % (5 * MINUTE) !== 0) continue;
    watch.put(ec2('CPUUtilization', { AutoScalingGroupName: 'roc-prod' }), at, 38 + 14 * wave);
    for (const [i, InstanceId] of IDS.entries()) {
      watch.put(ec2('CPUUtilization', { InstanceId }), at, 36 + 4 * i + 14 * wave);
      watch.put(ec2('CPUCreditBalance', { InstanceId }), at, 288 - 40 * i);
      watch.put(ec2('CPUSurplusCreditBalance', { InstanceId }), at, 0);
    }
  }
}

function handlersOf(fake: FakeInstallation): FakeHandlers {
  const targetsOf = (arn: string) => fake.targets.get(/roc-prod-(\w+)\//.exec(arn)?.[1] ?? '') ?? [];
  const asked = (values: readonly string[] | undefined, rows: readonly Row[], key: string) =>
    rows.filter((row) => values === undefined || values.includes(String(row[key])));
  const all: Record<string, (input: Row) => unknown> = {
    'elbv2:DescribeLoadBalancers': () => ({
      LoadBalancers: [
        { LoadBalancerName: 'roc-prod', LoadBalancerArn: INSTALLATION.albArn, State: { Code: 'active' } },
      ],
    }),
    'elbv2:DescribeTargetHealth': ({ TargetGroupArn }) => ({
      TargetHealthDescriptions: targetsOf(String(TargetGroupArn)).map(([Id, State]) => ({
        Target: { Id, Port: 8443 },
        TargetHealth: { State },
      })),
    }),
    'autoscaling:DescribeAutoScalingGroups': ({ AutoScalingGroupNames }) => ({
      AutoScalingGroups: asked(AutoScalingGroupNames as string[], [fake.group], 'AutoScalingGroupName'),
    }),
    'ec2:DescribeInstances': (input) => ({
      Reservations: [{ Instances: asked(filterOf(input, 'instance-id'), fake.instances, 'InstanceId') }],
    }),
    'ec2:DescribeInstanceStatus': () => ({
      InstanceStatuses: fake.instances.map(({ InstanceId, checks = 'ok' }) => ({
        InstanceId,
        InstanceStatus: { Status: checks },
        SystemStatus: { Status: 'ok' },
      })),
    }),
    'ec2:DescribeInstanceCreditSpecifications': (input) => ({
      InstanceCreditSpecifications: (filterOf(input, 'instance-id') ?? []).map((InstanceId) => ({
        InstanceId,
        CpuCredits: fake.credits.get(InstanceId),
      })),
    }),
    'rds:DescribeDBInstances': ({ DBInstanceIdentifier }) => {
      if (DBInstanceIdentifier !== fake.database['DBInstanceIdentifier'])
        throw new AwsFault('DBInstanceNotFound', `DBInstance ${DBInstanceIdentifier} not found.`, 404);
      return { DBInstances: [fake.database] };
    },
    'rds:DescribeDBParameters': () => ({ Parameters: fake.parameters }),
    'rds:DescribeEvents': () => ({ Events: fake.events }),
    'ecs:DescribeServices': () => ({ services: [fake.service], failures: [] }),
    'cloudwatch:DescribeAlarms': ({ StateValue, ActionPrefix }) => ({
      MetricAlarms: fake.alarms.filter(
        ({ StateValue: state, AlarmActions }) =>
          (StateValue === undefined || state === StateValue) &&
          (ActionPrefix === undefined ||
            (AlarmActions as string[]).some((arn) => arn.startsWith(String(ActionPrefix)))),
      ),
      CompositeAlarms: [],
    }),
  };
  return Object.fromEntries(
    Object.entries(all).map(([call, answer]) => [
      call,
      (input: Record<string, never>) => {
        if (fake.refused.has(call))
          throw new AwsFault('AccessDenied', `not authorized to perform ${call}`, 403);
        return answer(input);
      },
    ]),
  );
}

function filterOf(input: Row, name: string): string[] | undefined {
  const filters = input['Filters'] as { Name: string; Values: string[] }[] | undefined;
  return filters?.find(({ Name }) => Name === name)?.Values;
}
