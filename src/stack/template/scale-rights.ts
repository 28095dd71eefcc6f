/** What `roc scale watch` asks of AWS: it reads measures, keeps its lease, and sets the size of this one group or service. */
import { Fn } from 'aws-cdk-lib/core';
import type { Statement } from './iam.js';
import type { OpsNeeds } from './ops.js';

export function scaleRights(needs: OpsNeeds): Statement[] {
  const { robots } = needs.storage;
  return [
    {
      actions: [
        'cloudwatch:GetMetricData',
        'ec2:DescribeInstances',
        'ec2:DescribeInstanceCreditSpecifications',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
        'rds:DescribeDBInstances',
        'rds:DescribeDBParameters',
        'rds:DescribeEvents',
        ...(needs.servers.ecs === null ? GROUP_READS : SERVICE_READS),
      ],
      resources: ['*'],
    },
    { actions: ['s3:GetObject', 's3:PutObject'], resources: [Fn.join('', [robots.arn, '/roc-scale/*'])] },
    { actions: ['s3:ListBucket'], resources: [robots.arn] },
    { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [needs.dataKeyArn] },
    ...(needs.servers.ecs === null ? groupWrites(needs) : serviceWrites(needs.servers.ecs)),
  ];
}

const GROUP_READS = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeInstanceRefreshes',
  'autoscaling:DescribePolicies',
  'autoscaling:DescribeScalingActivities',
  'autoscaling:DescribeScheduledActions',
];

const SERVICE_READS = [
  'application-autoscaling:DescribeScalableTargets',
  'application-autoscaling:DescribeScalingPolicies',
  'application-autoscaling:DescribeScheduledActions',
];

function groupWrites({ servers, edge }: OpsNeeds): Statement[] {
  return [
    {
      actions: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
      resources: [
        Fn.sub(
          `arn:\${AWS::Partition}:autoscaling:\${AWS::Region}:\${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/\${name}`,
          { name: servers.asgName ?? '' },
        ),
      ],
    },
    {
      actions: ['elasticloadbalancing:DeregisterTargets', 'elasticloadbalancing:RegisterTargets'],
      resources: [edge.apiTargets.arn, edge.runnerTargets.arn],
    },
  ];
}

function serviceWrites(ecs: { cluster: string; service: string }): Statement[] {
  return [
    {
      actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
      resources: [
        Fn.sub(
          `arn:\${AWS::Partition}:ecs:\${AWS::Region}:\${AWS::AccountId}:service/\${cluster}/\${service}`,
          ecs,
        ),
      ],
    },
  ];
}
