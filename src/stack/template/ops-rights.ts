/** What each duty asks of AWS: the actions of its command, on the stack's own resources wherever AWS lets one say so. */
import { Fn } from 'aws-cdk-lib/core';
import type { Statement } from './iam.js';
import type { OpsNeeds } from './ops.js';

type Duty = 'scale-watch' | 'backup-verify' | 'backup-sweep' | 'vulns-report';

export function dutyRights(duty: Duty, needs: OpsNeeds): Statement[] {
  return RIGHTS[duty](needs);
}

const RIGHTS: Readonly<Record<Duty, (needs: OpsNeeds) => Statement[]>> = {
  'scale-watch': scale,
  'backup-verify': verify,
  'backup-sweep': sweep,
  'vulns-report': () => [
    {
      actions: [
        'ecr:DescribeRepositories',
        'ecr:DescribeImages',
        'ecr:DescribeImageScanFindings',
        'inspector2:ListFindings',
        'inspector2:ListCoverage',
        'guardduty:ListDetectors',
        'guardduty:ListFindings',
        'guardduty:GetFindings',
        'securityhub:GetFindings',
      ],
      resources: ['*'],
    },
  ],
};

function scale({ servers }: OpsNeeds): Statement[] {
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
  const writes: Statement[] =
    servers.ecs === null
      ? [
          {
            actions: ['autoscaling:SetDesiredCapacity'],
            resources: [
              Fn.sub(
                `arn:\${AWS::Partition}:autoscaling:\${AWS::Region}:\${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/\${name}`,
                { name: servers.asgName ?? '' },
              ),
            ],
          },
        ]
      : [
          {
            actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
            resources: [
              Fn.sub(
                `arn:\${AWS::Partition}:ecs:\${AWS::Region}:\${AWS::AccountId}:service/\${cluster}/\${service}`,
                servers.ecs,
              ),
            ],
          },
        ];
  return [reads, ...writes];
}

/** Copies that a restore test makes carry the prefix, and nothing else may be deleted. */
function verify({ dataKeyArn }: OpsNeeds): Statement[] {
  return [
    {
      actions: [
        'backup:ListRecoveryPointsByBackupVault',
        'backup:DescribeRecoveryPoint',
        'backup:GetRecoveryPointRestoreMetadata',
        'rds:DescribeDBInstances',
        'rds:DescribeDBSnapshots',
        'rds:DescribeDBInstanceAutomatedBackups',
        'rds:ListTagsForResource',
      ],
      resources: ['*'],
    },
    {
      actions: [
        'rds:RestoreDBInstanceFromDBSnapshot',
        'rds:RestoreDBInstanceToPointInTime',
        'rds:AddTagsToResource',
      ],
      resources: ['db', 'snapshot', 'subgrp', 'pg', 'og', 'auto-backup'].map((kind) => rdsArn(kind)),
    },
    {
      actions: ['kms:CreateGrant'],
      resources: [dataKeyArn],
      condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
    ...removal(),
  ];
}

function sweep(): Statement[] {
  return [
    { actions: ['rds:DescribeDBInstances', 'rds:ListTagsForResource'], resources: ['*'] },
    ...removal(),
  ];
}

function removal(): Statement[] {
  return [
    {
      actions: ['rds:DeleteDBInstance', 'rds:ModifyDBInstance'],
      resources: [rdsArn('db', 'roc-v-*')],
      condition: { StringEquals: { 'aws:ResourceTag/roc:managed': 'restore-test' } },
    },
  ];
}

function rdsArn(kind: string, name = '*'): string {
  return Fn.sub(`arn:\${AWS::Partition}:rds:\${AWS::Region}:\${AWS::AccountId}:${kind}:${name}`);
}
