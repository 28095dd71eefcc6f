/** Rights of `roc status`: reading alone. */
import { ANY, type Right } from './right.js';

export const STATUS: readonly Right[] = [
  {
    actions: [
      'autoscaling:DescribeAutoScalingGroups',
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
      'ec2:DescribeInstanceCreditSpecifications',
      'ec2:DescribeInstanceStatus',
      'ec2:DescribeInstances',
      'ecs:DescribeServices',
      'elasticloadbalancing:DescribeLoadBalancers',
      'elasticloadbalancing:DescribeTargetHealth',
      'rds:DescribeDBInstances',
      'rds:DescribeDBParameters',
      'rds:DescribeEvents',
    ],
    on: ANY,
  },
];
