/** A service of ECS: how many tasks it has, within which bounds, and setting that number. */
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  type ScalingPolicy as WirePolicy,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { sendAws } from '../../kernel/aws-call.js';
import { RocError } from '../../kernel/errors.js';
import type { Contenders, ScalingPolicy, Written } from '../group/facts.js';
import { WRITE_LIMIT } from '../lease/write-limit.js';
import type { AwsAccess } from './access.js';

export interface EcsName {
  readonly cluster: string;
  readonly service: string;
}

export interface Service {
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly targetGroupArns: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** A deployment that replaces tasks; null where there is none. */
  readonly rollout: string | null;
}

/** @throws RocError ROC_NOT_FOUND */
export async function describeService(
  access: AwsAccess,
  { cluster, service }: EcsName,
  signal?: AbortSignal,
): Promise<Service> {
  const command = new DescribeServicesCommand({ cluster, services: [service], include: ['TAGS'] });
  const reply = await sendAws(
    'ecs:DescribeServices',
    (abortSignal) => access.client(ECSClient).send(command, { abortSignal }),
    { signal },
  );
  const [found] = reply.services ?? [];
  if (found === undefined || found.status !== 'ACTIVE') {
    throw new RocError('ROC_NOT_FOUND', `there is no active service ${service} in the cluster ${cluster}`, {
      hint: 'Check target.ecs of the policy, --region, and `roc provision outputs`.',
    });
  }
  const going = found.deployments?.find(({ rolloutState }) => rolloutState === 'IN_PROGRESS');
  return {
    desired: found.desiredCount ?? 0,
    running: found.runningCount ?? 0,
    pending: found.pendingCount ?? 0,
    targetGroupArns: (found.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    tags: Object.fromEntries((found.tags ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
    rollout:
      (found.deployments ?? []).length > 1 || going ? `deployment ${going?.id ?? ''} is going on` : null,
  };
}

/** The bounds that Application Auto Scaling keeps; null where nobody registered the service there. */
export async function describeBounds(
  access: AwsAccess,
  name: EcsName,
  signal?: AbortSignal,
): Promise<{ readonly min: number; readonly max: number } | null> {
  const command = new DescribeScalableTargetsCommand({
    ServiceNamespace: 'ecs',
    ResourceIds: [resourceOf(name)],
    ScalableDimension: 'ecs:service:DesiredCount',
  });
  const reply = await sendAws(
    'application-autoscaling:DescribeScalableTargets',
    (abortSignal) => access.client(ApplicationAutoScalingClient).send(command, { abortSignal }),
    { signal },
  );
  const [target] = reply.ScalableTargets ?? [];
  return target === undefined ? null : { min: target.MinCapacity ?? 0, max: target.MaxCapacity ?? 0 };
}

/** What else sets the number of tasks; both lists fit a page of 50 many times over. */
export async function describeServiceContenders(
  access: AwsAccess,
  name: EcsName,
  signal?: AbortSignal,
): Promise<Omit<Contenders, 'rollout'>> {
  const about = { ServiceNamespace: 'ecs' as const, ResourceId: resourceOf(name) };
  const client = access.client(ApplicationAutoScalingClient);
  const [policies, scheduled] = await Promise.all([
    sendAws(
      'application-autoscaling:DescribeScalingPolicies',
      (abortSignal) => client.send(new DescribeScalingPoliciesCommand(about), { abortSignal }),
      { signal },
    ),
    sendAws(
      'application-autoscaling:DescribeScheduledActions',
      (abortSignal) => client.send(new DescribeScheduledActionsCommand(about), { abortSignal }),
      { signal },
    ),
  ]);
  return {
    policies: (policies.ScalingPolicies ?? []).map(toPolicy),
    scheduled: (scheduled.ScheduledActions ?? []).map((action) => ({
      name: action.ScheduledActionName ?? '',
      when: action.Schedule ?? '',
      min: action.ScalableTargetAction?.MinCapacity ?? null,
      max: action.ScalableTargetAction?.MaxCapacity ?? null,
      desired: null,
    })),
  };
}

export async function setDesiredCount(
  access: AwsAccess,
  { cluster, service }: EcsName,
  desiredCount: number,
): Promise<Written> {
  const command = new UpdateServiceCommand({ cluster, service, desiredCount });
  const call = 'ecs:UpdateService';
  const reply = await sendAws(
    call,
    (abortSignal) => access.client(ECSClient).send(command, { abortSignal }),
    { limitMs: WRITE_LIMIT },
  );
  return { call, requestId: reply.$metadata.requestId ?? null };
}

// The cluster of the outputs may be a name or an ARN; a resource id wants the name.
function resourceOf({ cluster, service }: EcsName): string {
  return `service/${cluster.split('/').at(-1)}/${service.split('/').at(-1)}`;
}

function toPolicy(policy: WirePolicy): ScalingPolicy {
  const tracking = policy.TargetTrackingScalingPolicyConfiguration;
  return {
    name: policy.PolicyName ?? '',
    type: policy.PolicyType ?? '',
    isEnabled: true,
    target: tracking?.TargetValue ?? null,
    isOutOnly: tracking?.DisableScaleIn === true,
    metric: tracking?.PredefinedMetricSpecification?.PredefinedMetricType ?? (tracking ? 'custom' : null),
    mode: policy.PredictiveScalingPolicyConfiguration?.Mode ?? null,
  };
}
