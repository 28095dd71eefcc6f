/** What changes RDS: restore, modify, tag, snapshot, delete. Each is called only after its intent is in a journal. */
import {
  AddTagsToResourceCommand,
  CopyDBParameterGroupCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBParameterGroupCommand,
  ModifyDBInstanceCommand,
  type RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import type { InstanceChange, RestoreRequest } from '../cloud.js';
import type { RestorePoint } from '../facts.js';
import { callAws, orNull } from './call.js';
import type { AwsAccess } from './clients.js';
import { snapshotPoint, tagList } from './rds-facts.js';

/** Everything is said: what is left out RDS takes from the default VPC, the default groups, or the source's tags. */
export async function restoreNative(
  access: AwsAccess,
  rds: RDSClient,
  request: RestoreRequest,
): Promise<void> {
  const common = {
    DBInstanceClass: request.class,
    Port: request.port,
    DBSubnetGroupName: request.subnetGroup,
    VpcSecurityGroupIds: [...request.securityGroups],
    DBParameterGroupName: request.parameterGroup ?? undefined,
    OptionGroupName: request.optionGroup ?? undefined,
    CACertificateIdentifier: request.caId ?? undefined,
    PubliclyAccessible: false,
    MultiAZ: request.multiAz,
    DeletionProtection: request.deletionProtection,
    BackupRetentionPeriod: request.backupRetentionDays,
    CopyTagsToSnapshot: false,
    AutoMinorVersionUpgrade: false,
    EnableIAMDatabaseAuthentication: request.iamAuth,
    StorageType: request.storageType ?? undefined,
    Tags: tagList(request.tags),
  };
  if (request.point.kind === 'pitr') {
    const command = new RestoreDBInstanceToPointInTimeCommand({
      ...common,
      SourceDBInstanceIdentifier: request.point.source,
      TargetDBInstanceIdentifier: request.id,
      RestoreTime: new Date(request.point.at),
    });
    await callAws(access, 'rds:RestoreDBInstanceToPointInTime', (abortSignal) =>
      rds.send(command, { abortSignal }),
    );
    return;
  }
  const command = new RestoreDBInstanceFromDBSnapshotCommand({
    ...common,
    DBInstanceIdentifier: request.id,
    DBSnapshotIdentifier: request.point.id,
  });
  await callAws(access, 'rds:RestoreDBInstanceFromDBSnapshot', (abortSignal) =>
    rds.send(command, { abortSignal }),
  );
}

export async function modifyInstance(
  access: AwsAccess,
  rds: RDSClient,
  id: string,
  change: InstanceChange,
): Promise<void> {
  const command = new ModifyDBInstanceCommand({
    DBInstanceIdentifier: id,
    ApplyImmediately: true,
    MasterUserPassword: change.masterPassword,
    DeletionProtection: change.deletionProtection,
    NewDBInstanceIdentifier: change.newId,
  });
  await callAws(access, 'rds:ModifyDBInstance', (abortSignal) => rds.send(command, { abortSignal }));
}

/** Without final snapshot and automated backups: nothing of a test copy stays. False where it is gone already. */
export async function deleteInstance(access: AwsAccess, rds: RDSClient, id: string): Promise<boolean> {
  const command = new DeleteDBInstanceCommand({
    DBInstanceIdentifier: id,
    SkipFinalSnapshot: true,
    DeleteAutomatedBackups: true,
  });
  const reply = await orNull(
    callAws(access, 'rds:DeleteDBInstance', (abortSignal) => rds.send(command, { abortSignal })),
    /^DBInstanceNotFound/,
  );
  return reply !== null;
}

export async function addTags(
  access: AwsAccess,
  rds: RDSClient,
  arn: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const command = new AddTagsToResourceCommand({ ResourceName: arn, Tags: tagList(tags) });
  await callAws(access, 'rds:AddTagsToResource', (abortSignal) => rds.send(command, { abortSignal }));
}

/** True where the copy was made, false where one of that name was there. */
export async function copyParameterGroup(
  access: AwsAccess,
  rds: RDSClient,
  from: string,
  to: string,
  tags: Readonly<Record<string, string>>,
): Promise<boolean> {
  const command = new CopyDBParameterGroupCommand({
    SourceDBParameterGroupIdentifier: from,
    TargetDBParameterGroupIdentifier: to,
    TargetDBParameterGroupDescription: `copy of ${from} for a restore test`,
    Tags: tagList(tags),
  });
  const reply = await orNull(
    callAws(access, 'rds:CopyDBParameterGroup', (abortSignal) => rds.send(command, { abortSignal })),
    /^DBParameterGroupAlreadyExists/,
  );
  return reply !== null;
}

export async function deleteParameterGroup(access: AwsAccess, rds: RDSClient, name: string): Promise<void> {
  const command = new DeleteDBParameterGroupCommand({ DBParameterGroupName: name });
  await orNull(
    callAws(access, 'rds:DeleteDBParameterGroup', (abortSignal) => rds.send(command, { abortSignal })),
    /^DBParameterGroupNotFound/,
  );
}

export async function createSnapshot(
  access: AwsAccess,
  rds: RDSClient,
  source: string,
  id: string,
  tags: Readonly<Record<string, string>>,
): Promise<RestorePoint> {
  const command = new CreateDBSnapshotCommand({
    DBInstanceIdentifier: source,
    DBSnapshotIdentifier: id,
    Tags: tagList(tags),
  });
  const reply = await callAws(access, 'rds:CreateDBSnapshot', (abortSignal) =>
    rds.send(command, { abortSignal }),
  );
  return snapshotPoint(reply.DBSnapshot ?? {});
}
