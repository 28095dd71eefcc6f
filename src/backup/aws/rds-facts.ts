/** RDS's descriptions in the room's own words. */
import type { DBInstance, DBSnapshot, Tag } from '@aws-sdk/client-rds';
import type { DatabaseFacts, RestorePoint } from '../facts.js';

export function databaseFacts(row: DBInstance): DatabaseFacts {
  return { ...makeOf(row), ...accessOf(row), ...placeOf(row), ...historyOf(row) };
}

export function snapshotPoint(row: DBSnapshot): RestorePoint {
  return {
    kind:
      row.SnapshotType === 'manual'
        ? 'manual'
        : row.SnapshotType === 'awsbackup'
          ? 'aws-backup'
          : 'automated',
    id: row.DBSnapshotIdentifier ?? '',
    arn: row.DBSnapshotArn ?? null,
    source: row.DBInstanceIdentifier ?? '',
    // What was captured, not when the copy was made: a copied snapshot keeps the original's instant apart.
    at: (row.OriginalSnapshotCreateTime ?? row.SnapshotCreateTime)?.getTime() ?? 0,
    status: row.Status ?? 'unknown',
    encrypted: row.Encrypted ?? false,
    kmsKeyId: row.KmsKeyId ?? null,
    sizeGb: row.AllocatedStorage ?? null,
    engineVersion: row.EngineVersion ?? null,
    tags: tagMap(row.TagList),
  };
}

export function tagMap(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).flatMap(({ Key, Value }) => (Key ? [[Key, Value ?? '']] : [])));
}

export function tagList(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function makeOf(row: DBInstance) {
  return {
    id: row.DBInstanceIdentifier ?? '',
    arn: row.DBInstanceArn ?? '',
    resourceId: row.DbiResourceId ?? null,
    status: row.DBInstanceStatus ?? 'unknown',
    engine: row.Engine ?? '',
    engineVersion: row.EngineVersion ?? '',
    class: row.DBInstanceClass ?? '',
    storageGb: row.AllocatedStorage ?? 0,
    storageType: row.StorageType ?? null,
    iops: row.Iops ?? null,
  };
}

function accessOf(row: DBInstance) {
  return {
    host: row.Endpoint?.Address ?? null,
    port: row.Endpoint?.Port ?? 3306,
    masterUser: row.MasterUsername ?? '',
    masterSecretArn: row.MasterUserSecret?.SecretArn ?? null,
    iamAuth: row.IAMDatabaseAuthenticationEnabled ?? false,
    encrypted: row.StorageEncrypted ?? false,
    kmsKeyId: row.KmsKeyId ?? null,
    caId: row.CACertificateIdentifier ?? null,
    passwordPending: row.PendingModifiedValues?.MasterUserPassword !== undefined,
  };
}

function placeOf(row: DBInstance) {
  return {
    publiclyAccessible: row.PubliclyAccessible ?? false,
    multiAz: row.MultiAZ ?? false,
    subnetGroup: row.DBSubnetGroup?.DBSubnetGroupName ?? null,
    securityGroups: (row.VpcSecurityGroups ?? []).flatMap((group) => group.VpcSecurityGroupId ?? []),
    parameterGroup: row.DBParameterGroups?.[0]?.DBParameterGroupName ?? null,
    optionGroup: row.OptionGroupMemberships?.[0]?.OptionGroupName ?? null,
  };
}

function historyOf(row: DBInstance) {
  return {
    deletionProtection: row.DeletionProtection ?? false,
    backupRetentionDays: row.BackupRetentionPeriod ?? 0,
    latestRestorableAt: row.LatestRestorableTime?.getTime() ?? null,
    createdAt: row.InstanceCreateTime?.getTime() ?? null,
    tags: tagMap(row.TagList),
  };
}
