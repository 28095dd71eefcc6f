/** Rights of `roc backup`: reading what there is, restoring copies that carry its mark, deleting nothing else. */
import { ANY, own, type Right } from './right.js';

const MARK = { StringEquals: { 'aws:ResourceTag/roc:managed': 'restore-test' } };

export const BACKUP_READS: readonly Right[] = [
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
      'backup:DescribeRestoreJob',
      'ec2:DescribeSecurityGroups',
    ],
    on: ANY,
  },
  {
    actions: ['backup:GetRecoveryPointRestoreMetadata'],
    on: [own('backup', 'recovery-point:*'), 'arn:aws:rds:{region}:{account}:snapshot:*'],
  },
  // Opening exports and the data keys of robots, each with its encryption context.
  { actions: ['kms:DescribeKey', 'kms:Decrypt', 'kms:GenerateDataKey'], on: [own('kms', 'key/*')] },
  // What a manifest holds besides the database: how buckets are kept, objects, parameters, roles.
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
    on: ['arn:aws:s3:::*'],
  },
  { actions: ['s3:GetObject', 's3:GetObjectVersion'], on: ['arn:aws:s3:::*/*'] },
  { actions: ['ssm:GetParametersByPath'], on: [own('ssm', 'parameter/*')] },
  { actions: ['iam:ListRoles'], on: ANY },
  {
    actions: ['iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
    on: ['arn:aws:iam::{account}:role/*'],
  },
];

/** Evidence and runs: the bucket and the key that the policy names; narrow them to these. */
export const BACKUP_STORE: readonly Right[] = [
  { actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], on: ['arn:aws:s3:::*/roc-backup/*'] },
  { actions: ['s3:ListBucket'], on: ['arn:aws:s3:::*'] },
  { actions: ['kms:Sign', 'kms:GetPublicKey'], on: [own('kms', 'key/*')] },
];

export const BACKUP_RESTORES: readonly Right[] = [
  {
    actions: [
      'rds:RestoreDBInstanceFromDBSnapshot',
      'rds:RestoreDBInstanceToPointInTime',
      'rds:CopyDBParameterGroup',
      'rds:AddTagsToResource',
    ],
    on: ['db', 'snapshot', 'subgrp', 'pg', 'og', 'auto-backup'].map((kind) => own('rds', `${kind}:*`)),
  },
  { actions: ['rds:CreateDBSnapshot'], on: [own('rds', 'db:*'), own('rds', 'snapshot:roc-*')] },
  { actions: ['backup:StartRestoreJob'], on: [own('backup', 'recovery-point:*'), own('rds', 'snapshot:*')] },
  { actions: ['backup:PutRestoreValidationResult'], on: ANY },
  { actions: ['secretsmanager:GetSecretValue'], on: [own('secretsmanager', 'secret:*')] },
  {
    actions: ['kms:CreateGrant'],
    on: [own('kms', 'key/*')],
    when: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  },
  { actions: ['kms:Decrypt'], on: [own('kms', 'key/*')] },
];

export const BACKUP_SWEEPS: readonly Right[] = [
  {
    actions: ['rds:ModifyDBInstance', 'rds:DeleteDBInstance'],
    on: [own('rds', 'db:roc-v-*')],
    when: MARK,
  },
  {
    actions: ['rds:DeleteDBSnapshot', 'rds:DeleteDBParameterGroup'],
    on: [own('rds', 'snapshot:*'), own('rds', 'pg:roc-v-*')],
    when: MARK,
  },
];

/** Copies of a sample in the bucket that the policy names as restoreTo. */
export const BACKUP_SAMPLES: readonly Right[] = [
  {
    actions: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:DeleteObjectVersion'],
    on: ['arn:aws:s3:::*/roc-verify/*'],
  },
];
