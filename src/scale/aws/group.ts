/** An Auto Scaling group as it is now. */
import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  type Instance,
  type Activity as WireActivity,
} from '@aws-sdk/client-auto-scaling';
import { sendAws } from '../../kernel/aws-call.js';
import { RocError } from '../../kernel/errors.js';
import type { Activity, Group, GroupInstance } from '../group/facts.js';
import type { AwsAccess } from './access.js';

/** @throws RocError ROC_NOT_FOUND where the account has no such group in this region */
export async function describeGroup(access: AwsAccess, name: string, signal?: AbortSignal): Promise<Group> {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  const reply = await sendAws(
    'autoscaling:DescribeAutoScalingGroups',
    (abortSignal) => access.client(AutoScalingClient).send(command, { abortSignal }),
    { signal },
  );
  const [group] = reply.AutoScalingGroups ?? [];
  if (group === undefined) {
    throw new RocError('ROC_NOT_FOUND', `there is no Auto Scaling group ${name} in ${access.target.region}`, {
      hint: 'Check target.asg of the policy, --region, and `roc provision outputs`.',
    });
  }
  return toGroup(group);
}

/** The newest launches and terminations, newest first; as many as one page has (100). */
export async function describeActivities(
  access: AwsAccess,
  name: string,
  signal?: AbortSignal,
): Promise<Activity[]> {
  const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name, MaxRecords: 100 });
  const reply = await sendAws(
    'autoscaling:DescribeScalingActivities',
    (abortSignal) => access.client(AutoScalingClient).send(command, { abortSignal }),
    { signal },
  );
  return (reply.Activities ?? []).map(toActivity);
}

function toGroup(group: AutoScalingGroup): Group {
  return {
    name: group.AutoScalingGroupName ?? '',
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    zones: [...(group.AvailabilityZones ?? [])].sort(),
    instances: (group.Instances ?? []).map(toInstance).sort((a, b) => (a.id < b.id ? -1 : 1)),
    targetGroupArns: group.TargetGroupARNs ?? [],
    tags: Object.fromEntries((group.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
    suspended: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []),
    warmupSeconds: group.DefaultInstanceWarmup ?? null,
    metrics: (group.EnabledMetrics ?? []).flatMap(({ Metric }) => Metric ?? []),
    isLeaving: group.Status !== undefined,
  };
}

function toInstance(instance: Instance): GroupInstance {
  const version = Number(instance.LaunchTemplate?.Version);
  return {
    id: instance.InstanceId ?? '',
    zone: instance.AvailabilityZone ?? '',
    lifecycle: instance.LifecycleState ?? '',
    isHealthy: instance.HealthStatus?.toLowerCase() === 'healthy',
    isProtected: instance.ProtectedFromScaleIn === true,
    templateVersion: Number.isInteger(version) ? version : null,
    type: instance.InstanceType ?? null,
  };
}

// The instance is named only in the description: "Launching a new EC2 instance: i-0123456789abcdef0".
function toActivity(activity: WireActivity): Activity {
  const description = activity.Description ?? '';
  return {
    id: activity.ActivityId ?? '',
    kind: /^Launching/.test(description)
      ? 'launch'
      : /^Terminating/.test(description)
        ? 'terminate'
        : 'other',
    instanceId: /\bi-[0-9a-f]+\b/.exec(description)?.[0] ?? null,
    startedAt: activity.StartTime?.getTime() ?? 0,
    endedAt: activity.EndTime?.getTime() ?? null,
    status: activity.StatusCode ?? '',
    cause: activity.Cause ?? '',
  };
}
