/** What `roc scale watch` asks of AWS: it reads measures, and sets the capacity of this one group or service. */
import { Fn } from 'aws-cdk-lib/core';
import type { Statement } from './iam.js';
import type { OpsNeeds } from './ops.js';

export function scaleRights({ servers }: OpsNeeds): Statement[] {
  const reads: Statement = {
    actions: [
      'cloudwatch:GetMetricData',
      'cloudwatch:DescribeAlarms',
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribeScalingActivities',
      'elasticloadbalancing:DescribeTargetHealth',
      'rds:DescribeDBInstances',
      ...(servers.ecs === null ? [] : ['application-autoscaling:DescribeScalableTargets']),
    ],
    resources: ['*'],
  };
  const writes: Statement =
    servers.ecs === null
      ? {
          actions: ['autoscaling:SetDesiredCapacity'],
          resources: [
            Fn.sub(
              `arn:\${AWS::Partition}:autoscaling:\${AWS::Region}:\${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/\${name}`,
              { name: servers.asgName ?? '' },
            ),
          ],
        }
      : {
          actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
          resources: [
            Fn.sub(
              `arn:\${AWS::Partition}:ecs:\${AWS::Region}:\${AWS::AccountId}:service/\${cluster}/\${service}`,
              servers.ecs,
            ),
          ],
        };
  return [reads, writes];
}
