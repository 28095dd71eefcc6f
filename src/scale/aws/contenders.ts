/** What else moves an Auto Scaling group: policies, scheduled actions and refreshes. */
import {
  AutoScalingClient,
  DescribeInstanceRefreshesCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  type ScheduledUpdateGroupAction,
  type TargetTrackingConfiguration,
  type ScalingPolicy as WirePolicy,
} from '@aws-sdk/client-auto-scaling';
import { sendAws } from '../../kernel/aws-call.js';
import { pageTokens } from '../../kernel/page-tokens.js';
import type { Contenders, ScalingPolicy, ScheduledAction } from '../group/facts.js';
import type { AwsAccess } from './access.js';

/** A refresh in one of these is at work, or will be. */
const AT_WORK = /^(Pending|InProgress|Cancelling|RollbackInProgress|Baking)$/;

export async function describeContenders(
  access: AwsAccess,
  name: string,
  signal?: AbortSignal,
): Promise<Contenders> {
  const [policies, scheduled, rollout] = await Promise.all([
    describePolicies(access, name, signal),
    describeScheduled(access, name, signal),
    describeRollout(access, name, signal),
  ]);
  return { policies, scheduled, rollout };
}

async function describePolicies(
  access: AwsAccess,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ScalingPolicy[]> {
  const found: WirePolicy[] = [];
  const next = pageTokens('autoscaling:DescribePolicies');
  let NextToken: string | undefined;
  do {
    const command = new DescribePoliciesCommand({ AutoScalingGroupName: name, NextToken });
    const page = await sendAws(
      'autoscaling:DescribePolicies',
      (abortSignal) => access.client(AutoScalingClient).send(command, { abortSignal }),
      { signal },
    );
    found.push(...(page.ScalingPolicies ?? []));
    NextToken = next(page.NextToken);
  } while (NextToken);
  return found.map(toPolicy);
}

async function describeScheduled(
  access: AwsAccess,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ScheduledAction[]> {
  const found: ScheduledUpdateGroupAction[] = [];
  const next = pageTokens('autoscaling:DescribeScheduledActions');
  let NextToken: string | undefined;
  do {
    const command = new DescribeScheduledActionsCommand({ AutoScalingGroupName: name, NextToken });
    const page = await sendAws(
      'autoscaling:DescribeScheduledActions',
      (abortSignal) => access.client(AutoScalingClient).send(command, { abortSignal }),
      { signal },
    );
    found.push(...(page.ScheduledUpdateGroupActions ?? []));
    NextToken = next(page.NextToken);
  } while (NextToken);
  return found.map((action) => ({
    name: action.ScheduledActionName ?? '',
    when: action.Recurrence ?? action.StartTime?.toISOString() ?? '',
    min: action.MinSize ?? null,
    max: action.MaxSize ?? null,
    desired: action.DesiredCapacity ?? null,
  }));
}

// Newest first, so that one at work is on the first page.
async function describeRollout(
  access: AwsAccess,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const command = new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: name, MaxRecords: 10 });
  const reply = await sendAws(
    'autoscaling:DescribeInstanceRefreshes',
    (abortSignal) => access.client(AutoScalingClient).send(command, { abortSignal }),
    { signal },
  );
  const going = (reply.InstanceRefreshes ?? []).find(({ Status = '' }) => AT_WORK.test(Status));
  return going === undefined ? null : `instance refresh ${going.InstanceRefreshId} is ${going.Status}`;
}

function toPolicy(policy: WirePolicy): ScalingPolicy {
  const tracking = policy.TargetTrackingConfiguration;
  return {
    name: policy.PolicyName ?? '',
    type: policy.PolicyType ?? '',
    isEnabled: policy.Enabled !== false,
    target: tracking?.TargetValue ?? null,
    isOutOnly: tracking?.DisableScaleIn === true,
    metric: tracking === undefined ? null : metricOf(tracking),
    mode: policy.PredictiveScalingConfiguration
      ? (policy.PredictiveScalingConfiguration.Mode ?? 'ForecastOnly')
      : null,
  };
}

function metricOf({ PredefinedMetricSpecification }: TargetTrackingConfiguration): string {
  return PredefinedMetricSpecification?.PredefinedMetricType ?? 'custom';
}
