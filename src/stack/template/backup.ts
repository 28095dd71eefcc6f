/** Snapshots by AWS Backup into a vault of the stack's own, copied away and restored for a test; RDS keeps its own point-in-time logs. */
import {
  CfnBackupPlan,
  CfnBackupSelection,
  CfnBackupVault,
  CfnRestoreTestingPlan,
  CfnRestoreTestingSelection,
} from 'aws-cdk-lib/aws-backup';
import { CfnDeletionPolicy, Fn } from 'aws-cdk-lib/core';
import type { Context } from './context.js';
import type { Database } from './database.js';
import { role } from './iam.js';
import type { Group } from './security-group.js';

export interface BackupNeeds {
  readonly database: Database;
  readonly restoreGroup: Group;
  readonly robotsBucketArn: string;
  readonly dataKeyArn: string;
  readonly topicArn: string;
}

/** Returns the name of the vault. */
export function buildBackup(context: Context, needs: BackupNeeds): string {
  const { stack, settings, name } = context;
  const vault = new CfnBackupVault(stack, 'BackupVault', {
    backupVaultName: name,
    encryptionKeyArn: needs.dataKeyArn,
    notifications: {
      snsTopicArn: needs.topicArn,
      backupVaultEvents: [
        'BACKUP_JOB_FAILED',
        'COPY_JOB_FAILED',
        'RESTORE_JOB_COMPLETED',
        'RECOVERY_POINT_MODIFIED',
      ],
    },
    // Governance: without changeableForDays the lock can be taken off by who may, and never by accident.
    ...(settings.backup.lock
      ? { lockConfiguration: { minRetentionDays: Math.min(settings.backup.dailyDays, 7) } }
      : {}),
  });
  vault.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
  vault.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
  const plan = new CfnBackupPlan(stack, 'BackupPlan', {
    backupPlan: {
      backupPlanName: name,
      backupPlanRule: [
        rule(context, vault.ref, 'daily', 'cron(0 3 * * ? *)', settings.backup.dailyDays),
        rule(context, vault.ref, 'monthly', 'cron(0 5 1 * ? *)', settings.backup.monthlyDays),
      ],
    },
  });
  const keeper = role(context, 'BackupRole', {
    service: 'backup.amazonaws.com',
    about: 'takes and restores snapshots',
    statements: [],
    awsPolicies: [
      'service-role/AWSBackupServiceRolePolicyForBackup',
      'service-role/AWSBackupServiceRolePolicyForRestores',
      'AWSBackupServiceRolePolicyForS3Backup',
    ],
  });
  new CfnBackupSelection(stack, 'BackupSelection', {
    backupPlanId: plan.attrBackupPlanId,
    backupSelection: {
      selectionName: name,
      iamRoleArn: keeper.arn,
      resources: [needs.database.arn, needs.robotsBucketArn],
    },
  });
  restoreTests(context, needs, vault.attrBackupVaultArn, keeper.arn);
  return vault.ref;
}

function rule(
  context: Context,
  vault: string,
  ruleName: string,
  scheduleExpression: string,
  deleteAfterDays: number,
): CfnBackupPlan.BackupRuleResourceTypeProperty {
  const { copyRegion } = context.settings.backup;
  return {
    ruleName,
    targetBackupVault: vault,
    scheduleExpression,
    startWindowMinutes: 60,
    completionWindowMinutes: 360,
    // Point in time belongs to RDS: two owners of it would fight over the retention.
    enableContinuousBackup: false,
    lifecycle: { deleteAfterDays },
    ...(copyRegion === null
      ? {}
      : {
          copyActions: [
            {
              destinationBackupVaultArn: Fn.sub(
                `arn:\${AWS::Partition}:backup:${copyRegion}:\${AWS::AccountId}:backup-vault:${context.name}-copy`,
              ),
              lifecycle: { deleteAfterDays },
            },
          ],
        }),
  };
}

function restoreTests(
  context: Context,
  { database, restoreGroup }: BackupNeeds,
  vaultArn: string,
  roleArn: string,
): void {
  const { stack, name, settings } = context;
  const plan = new CfnRestoreTestingPlan(stack, 'RestoreTestingPlan', {
    restoreTestingPlanName: name.replaceAll('-', '_'),
    scheduleExpression: 'cron(0 6 ? * MON *)',
    startWindowHours: 2,
    recoveryPointSelection: {
      algorithm: 'LATEST_WITHIN_WINDOW',
      includeVaults: [vaultArn],
      recoveryPointTypes: ['SNAPSHOT'],
      selectionWindowDays: 7,
    },
  });
  new CfnRestoreTestingSelection(stack, 'RestoreTestingSelection', {
    restoreTestingPlanName: plan.ref,
    restoreTestingSelectionName: 'database',
    protectedResourceType: 'RDS',
    protectedResourceArns: [database.arn],
    iamRoleArn: roleArn,
    validationWindowHours: 4,
    restoreMetadataOverrides: {
      dbSubnetGroupName: database.restoreSubnetGroup,
      vpcSecurityGroupIds: Fn.join('', ['["', restoreGroup.id, '"]']),
      dbInstanceClass: settings.db.instanceClass,
      multiAz: 'false',
    },
  });
}
