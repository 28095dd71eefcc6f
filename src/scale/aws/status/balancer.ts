/** A load balancer's state and, by what they serve, its targets'. */
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { sendAws } from '../../../kernel/aws-call.js';
import type { BalancerFacts } from '../../status/facts.js';
import type { AwsAccess } from '../access.js';
import { describeTargets } from '../targets.js';

/** @throws RocError ROC_NOT_FOUND where there is no such balancer or target group */
export async function describeBalancer(
  access: AwsAccess,
  arn: string,
  targetGroups: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<BalancerFacts> {
  const command = new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] });
  const [reply, targets] = await Promise.all([
    sendAws(
      'elasticloadbalancing:DescribeLoadBalancers',
      (abortSignal) => access.client(ElasticLoadBalancingV2Client).send(command, { abortSignal }),
      { signal },
    ),
    Promise.all(
      Object.entries(targetGroups).map(
        async ([name, group]) => [name, await describeTargets(access, group, signal)] as const,
      ),
    ),
  ]);
  const balancer = reply.LoadBalancers?.[0];
  return {
    name: balancer?.LoadBalancerName ?? arn,
    state: balancer?.State?.Code ?? 'unknown',
    targets: Object.fromEntries(targets),
  };
}
