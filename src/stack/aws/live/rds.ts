/** Live databases and their parameter groups. */
import { DescribeDBInstancesCommand, paginateDescribeDBParameters, RDSClient } from '@aws-sdk/client-rds';
import { callAws } from '../call.js';
import { type LiveReader, orNull } from './live-facts.js';

export const readDbInstance: LiveReader = async (access, { physicalId }) => {
  const reply = await orNull(/^DBInstanceNotFound/, () =>
    callAws('rds:DescribeDBInstances', (abortSignal) =>
      access
        .client(RDSClient)
        .send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: physicalId }), { abortSignal }),
    ),
  );
  const db = reply?.DBInstances?.[0];
  if (db === undefined) return null;
  return {
    MultiAZ: db.MultiAZ ?? false,
    StorageEncrypted: db.StorageEncrypted ?? false,
    DeletionProtection: db.DeletionProtection ?? false,
    PubliclyAccessible: db.PubliclyAccessible ?? false,
    BackupRetentionPeriod: db.BackupRetentionPeriod ?? 0,
    EnableIAMDatabaseAuthentication: db.IAMDatabaseAuthenticationEnabled ?? false,
    CACertificateIdentifier: db.CACertificateIdentifier ?? null,
    EnableCloudwatchLogsExports: db.EnabledCloudwatchLogsExports ?? [],
    // Managed by RDS means that there is a secret which it turns.
    ManageMasterUserPassword: db.MasterUserSecret?.SecretArn !== undefined,
    AutoMinorVersionUpgrade: db.AutoMinorVersionUpgrade ?? false,
    CopyTagsToSnapshot: db.CopyTagsToSnapshot ?? false,
    Engine: db.Engine ?? null,
    DBInstanceClass: db.DBInstanceClass ?? null,
    DBParameterGroupName: db.DBParameterGroups?.[0]?.DBParameterGroupName ?? null,
  };
};

export const readDbParameterGroup: LiveReader = async (access, { physicalId, properties }) => {
  const wanted = Object.keys((properties['Parameters'] as object | undefined) ?? {});
  const client = access.client(RDSClient);
  return orNull(/^DBParameterGroupNotFound/, () =>
    callAws('rds:DescribeDBParameters', async (abortSignal) => {
      const facts: Record<string, unknown> = {};
      const pages = paginateDescribeDBParameters(
        { client },
        { DBParameterGroupName: physicalId },
        { abortSignal },
      );
      for await (const page of pages) {
        for (const { ParameterName: name = '', ParameterValue: value } of page.Parameters ?? [])
          if (wanted.includes(name)) facts[`Parameters.${name}`] = value ?? null;
      }
      for (const name of wanted) facts[`Parameters.${name}`] ??= null;
      return facts;
    }),
  );
};
