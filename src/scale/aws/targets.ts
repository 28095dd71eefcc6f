/** Targets of a load balancer: how healthy each is, and taking one out or putting it back. */
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { sendAws } from '../../kernel/aws-call.js';
import type { TargetHealth, TargetState, Written } from '../group/facts.js';
import { WRITE_LIMIT } from '../lease/write-limit.js';
import type { AwsAccess } from './access.js';

/** Every target of a group by its id: an instance, or for tasks of ECS an address. */
export async function describeTargets(
  access: AwsAccess,
  arn: string,
  signal?: AbortSignal,
): Promise<TargetHealth> {
  const command = new DescribeTargetHealthCommand({ TargetGroupArn: arn });
  const reply = await sendAws(
    'elasticloadbalancing:DescribeTargetHealth',
    (abortSignal) => access.client(ElasticLoadBalancingV2Client).send(command, { abortSignal }),
    { signal },
  );
  return new Map(
    (reply.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth: health }) => [
      Target?.Id ?? '',
      (health?.State ?? 'unavailable') as TargetState,
    ]),
  );
}

/** Takes an instance out; asking again for one that is out or on its way changes nothing. */
export async function deregisterTarget(access: AwsAccess, arn: string, id: string): Promise<Written> {
  const command = new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: id }] });
  const call = 'elasticloadbalancing:DeregisterTargets';
  const reply = await sendAws(
    call,
    (abortSignal) => access.client(ElasticLoadBalancingV2Client).send(command, { abortSignal }),
    { limitMs: WRITE_LIMIT },
  );
  return { call, requestId: reply.$metadata.requestId ?? null };
}

/** Puts it back, on the group's own port; also while it drains. */
export async function registerTarget(access: AwsAccess, arn: string, id: string): Promise<Written> {
  const command = new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: id }] });
  const call = 'elasticloadbalancing:RegisterTargets';
  const reply = await sendAws(
    call,
    (abortSignal) => access.client(ElasticLoadBalancingV2Client).send(command, { abortSignal }),
    { limitMs: WRITE_LIMIT },
  );
  return { call, requestId: reply.$metadata.requestId ?? null };
}

/** The balancer that a target group serves; null where it serves none. */
export async function balancerOf(
  access: AwsAccess,
  arn: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] });
  const reply = await sendAws(
    'elasticloadbalancing:DescribeTargetGroups',
    (abortSignal) => access.client(ElasticLoadBalancingV2Client).send(command, { abortSignal }),
    { signal },
  );
  return reply.TargetGroups?.[0]?.LoadBalancerArns?.[0] ?? null;
}
