/** Rights of `roc scale`: reading, the lease, and the size of a group or a service. */
import { ANY, own, type Right } from './right.js';

/** The lease lies under `scale.prefix`, which is roc-scale unless roc.yaml says otherwise. */
const LEASE = ['arn:aws:s3:::*/roc-scale/*'];
const GROUPS = [own('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/*')];

/** What a plan looks at. */
export const SCALE_PLAN: readonly Right[] = [
  {
    actions: [
      'application-autoscaling:DescribeScalableTargets',
      'application-autoscaling:DescribeScalingPolicies',
      'application-autoscaling:DescribeScheduledActions',
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribeInstanceRefreshes',
      'autoscaling:DescribePolicies',
      'autoscaling:DescribeScalingActivities',
      'autoscaling:DescribeScheduledActions',
      'cloudwatch:GetMetricData',
      'ec2:DescribeInstanceCreditSpecifications',
      'ec2:DescribeInstances',
      'ecs:DescribeServices',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth',
      'rds:DescribeDBInstances',
      'rds:DescribeDBParameters',
      'rds:DescribeEvents',
    ],
    on: ANY,
  },
  { actions: ['s3:GetObject'], on: LEASE },
  // Without it a lease that is not there yet answers "forbidden" instead of "not found".
  { actions: ['s3:ListBucket'], on: ['arn:aws:s3:::*'] },
  { actions: ['kms:Decrypt'], on: [own('kms', 'key/*')] },
];

/** What watching and applying change: the lease, the size, and the targets of an instance that goes. */
export const SCALE_WATCH: readonly Right[] = [
  ...SCALE_PLAN,
  { actions: ['s3:PutObject'], on: LEASE },
  { actions: ['kms:GenerateDataKey'], on: [own('kms', 'key/*')] },
  {
    actions: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
    on: GROUPS,
  },
  {
    actions: ['elasticloadbalancing:DeregisterTargets', 'elasticloadbalancing:RegisterTargets'],
    on: [own('elasticloadbalancing', 'targetgroup/*/*')],
  },
  { actions: ['ecs:UpdateService'], on: [own('ecs', 'service/*/*')] },
];

/** `--native` also writes AWS's own scaling, `--rds` the class of a database that has a snapshot. */
export const SCALE_APPLY: readonly Right[] = [
  ...SCALE_WATCH,
  { actions: ['rds:DescribeDBSnapshots'], on: ANY },
  { actions: ['rds:ModifyDBInstance'], on: [own('rds', 'db:*')] },
  {
    actions: [
      'autoscaling:EnableMetricsCollection',
      'autoscaling:PutScalingPolicy',
      'autoscaling:UpdateAutoScalingGroup',
    ],
    on: GROUPS,
  },
];
