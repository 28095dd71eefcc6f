/** What each duty asks of AWS: the actions of its command, on the stack's own resources wherever AWS lets one say so. */
import { Fn } from 'aws-cdk-lib/core';
import { DRILLS_FILE } from '../duty-files.js';
import type { Context } from './context.js';
import type { Duty } from './duty-units.js';
import type { Statement } from './iam.js';
import type { OpsNeeds } from './ops.js';
import { scaleRights } from './scale-rights.js';

export function dutyRights(duty: Duty, context: Context, needs: OpsNeeds): Statement[] {
  return RIGHTS[duty](needs, context);
}

const RIGHTS: Readonly<Record<Duty, (needs: OpsNeeds, context: Context) => Statement[]>> = {
  'scale-watch': scaleRights,
  'backup-verify': (needs, context) => [
    ...backupReads(needs),
    ...backupStore(needs),
    ...drills(needs),
    ...bucketReads(needs),
    ...(/^config /m.test(context.facts.files[DRILLS_FILE] ?? '') ? configurationReads() : []),
    ...removal(),
  ],
  'backup-sweep': (needs) => [...backupReads(needs), ...backupStore(needs), ...removal()],
  'vulns-report': () => [
    {
      actions: [
        'ecr:DescribeRepositories',
        'ecr:DescribeImages',
        'ecr:DescribeImageScanFindings',
        'inspector2:BatchGetAccountStatus',
        'inspector2:BatchGetFindingDetails',
        'inspector2:ListCoverage',
        'inspector2:ListFindings',
        'inspector2:ListMembers',
        'guardduty:GetDetector',
        'guardduty:GetFindings',
        'guardduty:ListDetectors',
        'guardduty:ListFindings',
        'guardduty:ListMembers',
        'securityhub:DescribeSecurityHubV2',
        'securityhub:GetFindings',
        'securityhub:ListMembers',
      ],
      resources: ['*'],
    },
  ],
};

function backupReads({ dataKeyArn }: OpsNeeds): Statement[] {
  return [
    {
      actions: [
        'rds:DescribeDBInstances',
        'rds:DescribeDBSnapshots',
        'rds:DescribeDBInstanceAutomatedBackups',
        'rds:DescribeDBParameterGroups',
        'rds:DescribeDBParameters',
        'rds:DescribeDBSubnetGroups',
        'rds:DescribeEvents',
        'rds:DescribeOrderableDBInstanceOptions',
        'rds:ListTagsForResource',
        'backup:ListRecoveryPointsByResource',
        'ec2:DescribeSecurityGroups',
      ],
      resources: ['*'],
    },
    { actions: ['kms:DescribeKey', 'kms:Decrypt', 'kms:GenerateDataKey'], resources: [dataKeyArn] },
  ];
}

/** Locks, journals, manifests and evidence, and the key that signs these. */
function backupStore({ storage, evidenceKeyArn }: OpsNeeds): Statement[] {
  const { arn } = storage.robots;
  return [
    {
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      resources: [Fn.join('', [arn, '/roc-backup/*'])],
    },
    { actions: ['s3:ListBucket'], resources: [arn] },
    { actions: ['kms:Sign', 'kms:GetPublicKey'], resources: [evidenceKeyArn] },
  ];
}

/** A snapshot of this database alone; what a test restores carries the prefix. */
function drills({ database, dataKeyArn }: OpsNeeds): Statement[] {
  return [
    {
      actions: ['rds:CreateDBSnapshot'],
      resources: [database.arn, rdsArn('snapshot', 'roc-*')],
    },
    // Only what `roc backup run` has made; the recovery points of AWS Backup are in its vault.
    {
      actions: ['rds:DeleteDBSnapshot'],
      resources: [rdsArn('snapshot', 'roc-*')],
      condition: { StringEquals: { 'aws:ResourceTag/roc:managed': 'backup' } },
    },
    {
      actions: [
        'rds:RestoreDBInstanceFromDBSnapshot',
        'rds:RestoreDBInstanceToPointInTime',
        'rds:CopyDBParameterGroup',
        'rds:AddTagsToResource',
      ],
      resources: ['db', 'snapshot', 'subgrp', 'pg', 'og', 'auto-backup'].map((kind) => rdsArn(kind)),
    },
    {
      actions: ['kms:CreateGrant'],
      resources: [dataKeyArn],
      condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
    { actions: ['secretsmanager:GetSecretValue'], resources: [database.masterSecretArn] },
  ];
}

function bucketReads({ storage }: OpsNeeds): Statement[] {
  const { arn } = storage.robots;
  return [
    {
      actions: [
        's3:GetBucketObjectLockConfiguration',
        's3:GetBucketPublicAccessBlock',
        's3:GetBucketVersioning',
        's3:GetEncryptionConfiguration',
        's3:GetLifecycleConfiguration',
        's3:GetReplicationConfiguration',
        's3:ListBucketVersions',
      ],
      resources: [arn],
    },
    { actions: ['s3:GetObject', 's3:GetObjectVersion'], resources: [Fn.join('', [arn, '/*'])] },
  ];
}

/** Only where the policy has an asset of type `config`: parameters and roles are read whole. */
function configurationReads(): Statement[] {
  return [
    {
      actions: ['ssm:GetParametersByPath'],
      resources: [Fn.sub(`arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/*`)],
    },
    { actions: ['iam:ListRoles'], resources: ['*'] },
    {
      actions: ['iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
      resources: [Fn.sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/*`)],
    },
  ];
}

/** Copies that a restore test makes carry the prefix and the mark, and nothing else may be changed or deleted. */
function removal(): Statement[] {
  const condition = { StringEquals: { 'aws:ResourceTag/roc:managed': 'restore-test' } };
  return [
    {
      actions: ['rds:ModifyDBInstance', 'rds:DeleteDBInstance'],
      resources: [rdsArn('db', 'roc-v-*')],
      condition,
    },
    { actions: ['rds:DeleteDBParameterGroup'], resources: [rdsArn('pg', 'roc-v-*')], condition },
  ];
}

function rdsArn(kind: string, name = '*'): string {
  return Fn.sub(`arn:\${AWS::Partition}:rds:\${AWS::Region}:\${AWS::AccountId}:${kind}:${name}`);
}
