/** The fake group behind the calls of Auto Scaling and of the load balancer, each checked against AWS's own model. */
import { AwsFault, type FakeHandlers } from '../aws-model/fake-aws.js';
import type { FakeFleet, FakeTarget } from './fake-fleet.js';

export interface FleetFaults {
  /** By call (`autoscaling:SetDesiredCapacity`): error codes for the next calls, in order. */
  readonly next: Map<string, string[]>;
  policies: Record<string, unknown>[];
  scheduled: Record<string, unknown>[];
  refreshes: Record<string, unknown>[];
}

export function fleetFaults(): FleetFaults {
  return { next: new Map(), policies: [], scheduled: [], refreshes: [] };
}

interface Input {
  readonly AutoScalingGroupName: string;
  readonly AutoScalingGroupNames: readonly string[];
  readonly DefaultInstanceWarmup: number;
  readonly DesiredCapacity: number;
  readonly Granularity: string;
  readonly InstanceId: string;
  readonly PolicyName: string;
  readonly ShouldDecrementDesiredCapacity: boolean;
  readonly TargetGroupArn: string;
  readonly Targets: readonly { readonly Id: string }[];
}

export function fleetHandlers(fleet: FakeFleet, faults: FleetFaults): FakeHandlers {
  const known = (name: string) => {
    if (name !== fleet.name)
      throw new AwsFault('ValidationError', `AutoScalingGroup name not found - ${name}`);
  };
  const targetsOf = (arn: string): Map<string, FakeTarget> => {
    const targets = fleet.targetGroups.get(arn);
    if (targets === undefined)
      throw new AwsFault('TargetGroupNotFound', 'One or more target groups not found');
    return targets;
  };
  const handlers: Record<string, (input: Input) => unknown> = {
    'autoscaling:DescribeAutoScalingGroups': ({ AutoScalingGroupNames }: Input) => ({
      AutoScalingGroups: AutoScalingGroupNames.includes(fleet.name) ? [groupOf(fleet)] : [],
    }),
    'autoscaling:DescribePolicies': ({ AutoScalingGroupName }: Input) => {
      known(AutoScalingGroupName);
      return { ScalingPolicies: faults.policies };
    },
    'autoscaling:DescribeScheduledActions': () => ({ ScheduledUpdateGroupActions: faults.scheduled }),
    'autoscaling:DescribeInstanceRefreshes': () => ({ InstanceRefreshes: faults.refreshes }),
    'autoscaling:DescribeScalingActivities': () => ({ Activities: activitiesOf(fleet) }),
    'autoscaling:SetDesiredCapacity': ({ AutoScalingGroupName, DesiredCapacity }: Input) => {
      known(AutoScalingGroupName);
      fleet.setDesired(DesiredCapacity);
    },
    'autoscaling:TerminateInstanceInAutoScalingGroup': (input: Input) => {
      fleet.terminate(input.InstanceId, input.ShouldDecrementDesiredCapacity);
      return { Activity: activitiesOf(fleet).at(0) };
    },
    'autoscaling:PutScalingPolicy': (input: Input) => {
      known(input.AutoScalingGroupName);
      faults.policies = [
        ...faults.policies.filter(({ PolicyName }) => PolicyName !== input.PolicyName),
        { ...input, Enabled: true },
      ];
      return { PolicyARN: 'arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:x', Alarms: [] };
    },
    'autoscaling:UpdateAutoScalingGroup': ({ AutoScalingGroupName, DefaultInstanceWarmup }: Input) => {
      known(AutoScalingGroupName);
      fleet.warmup = DefaultInstanceWarmup;
    },
    'autoscaling:EnableMetricsCollection': ({ Granularity }: Input) => {
      if (Granularity !== '1Minute') throw new AwsFault('ValidationError', 'Granularity must be 1Minute');
      fleet.metrics = GROUP_METRICS;
    },
    'elbv2:DescribeTargetHealth': ({ TargetGroupArn }: Input) => ({
      TargetHealthDescriptions: [...targetsOf(TargetGroupArn)].map(([Id, { state }]) => ({
        Target: { Id, Port: 7070 },
        TargetHealth: { State: state },
      })),
    }),
    'elbv2:DescribeTargetGroupAttributes': () => ({
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(fleet.drainMs / 1000) }],
    }),
    'elbv2:DeregisterTargets': ({ TargetGroupArn, Targets }: Input) => {
      for (const { Id } of Targets) {
        const target = targetsOf(TargetGroupArn).get(Id);
        if (target !== undefined && target.state !== 'draining')
          Object.assign(target, { state: 'draining', until: fleet.now() + fleet.drainMs });
      }
    },
    'elbv2:RegisterTargets': ({ TargetGroupArn, Targets }: Input) => {
      for (const { Id } of Targets) {
        if (!fleet.inService().some(({ id }) => id === Id))
          throw new AwsFault('InvalidTarget', `The following targets are not in a running state: ${Id}`);
        targetsOf(TargetGroupArn).set(Id, { state: 'initial', until: fleet.now() + 20_000 });
      }
    },
  };
  return Object.fromEntries(
    Object.entries(handlers).map(([call, handle]) => [
      call,
      (input: Record<string, never>) => {
        const fault = faults.next.get(call)?.shift();
        if (fault !== undefined) throw new AwsFault(fault, `${fault} on demand`);
        fleet.settle();
        return handle(input as unknown as Input);
      },
    ]),
  );
}

const GROUP_METRICS = ['GroupDesiredCapacity', 'GroupInServiceInstances', 'GroupPendingInstances'];

function groupOf(fleet: FakeFleet) {
  return {
    AutoScalingGroupName: fleet.name,
    MinSize: fleet.min,
    MaxSize: fleet.max,
    DesiredCapacity: fleet.desired,
    DefaultCooldown: 300,
    AvailabilityZones: [...fleet.zones],
    HealthCheckType: 'ELB',
    HealthCheckGracePeriod: 300,
    CreatedTime: new Date('2026-01-01T00:00:00Z'),
    TargetGroupARNs: [...fleet.targetGroups.keys()],
    Instances: fleet.instances.map((instance) => ({
      InstanceId: instance.id,
      InstanceType: 't3.small',
      AvailabilityZone: instance.zone,
      LifecycleState: instance.lifecycle,
      HealthStatus: instance.isHealthy ? 'Healthy' : 'Unhealthy',
      ProtectedFromScaleIn: instance.isProtected,
      LaunchTemplate: { LaunchTemplateId: 'lt-0123456789abcdef0', Version: `${instance.templateVersion}` },
    })),
    SuspendedProcesses: fleet.suspended.map((ProcessName) => ({ ProcessName })),
    EnabledMetrics: fleet.metrics.map((Metric) => ({ Metric, Granularity: '1Minute' })),
    Tags: Object.entries(fleet.tags).map(([Key, Value]) => ({ Key, Value })),
    ...(fleet.warmup === null ? {} : { DefaultInstanceWarmup: fleet.warmup }),
  };
}

function activitiesOf(fleet: FakeFleet) {
  return fleet.activities.toReversed().map((activity) => ({
    ActivityId: activity.id,
    AutoScalingGroupName: fleet.name,
    Description: `${activity.kind}: ${activity.instanceId}`,
    Cause: `At ${new Date(activity.startedAt).toISOString()} ${activity.cause}`,
    StartTime: new Date(activity.startedAt),
    ...(activity.endedAt === null ? {} : { EndTime: new Date(activity.endedAt) }),
    StatusCode: activity.endedAt === null ? 'InProgress' : 'Successful',
  }));
}
