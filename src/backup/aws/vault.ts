/** AWS Backup: recovery points of a database, restore jobs, and what became of them. */
import {
  type BackupClient,
  DescribeRestoreJobCommand,
  GetRecoveryPointRestoreMetadataCommand,
  ListRecoveryPointsByResourceCommand,
  PutRestoreValidationResultCommand,
  StartRestoreJobCommand,
} from '@aws-sdk/client-backup';
import { pageTokens } from '../../kernel/page-tokens.js';
import type { RestoreJob, RestoreRequest } from '../cloud.js';
import type { RestorePoint } from '../facts.js';
import { callAws, orNull } from './call.js';
import type { AwsAccess } from './clients.js';

export async function recoveryPoints(
  access: AwsAccess,
  backup: BackupClient,
  source: { readonly id: string; readonly arn: string },
): Promise<RestorePoint[]> {
  const found: RestorePoint[] = [];
  const next = pageTokens('backup:ListRecoveryPointsByResource');
  let NextToken: string | undefined;
  do {
    const command = new ListRecoveryPointsByResourceCommand({ ResourceArn: source.arn, NextToken });
    const reply = await orNull(
      callAws(access, 'backup:ListRecoveryPointsByResource', (abortSignal) =>
        backup.send(command, { abortSignal }),
      ),
      /^ResourceNotFound/,
    );
    for (const row of reply?.RecoveryPoints ?? [])
      found.push({
        kind: 'aws-backup',
        id: row.RecoveryPointArn ?? '',
        arn: row.RecoveryPointArn ?? null,
        source: source.id,
        at: row.CreationDate?.getTime() ?? 0,
        status: row.Status === 'COMPLETED' ? 'available' : (row.Status ?? 'unknown').toLowerCase(),
        encrypted: row.EncryptionKeyArn !== undefined,
        kmsKeyId: row.EncryptionKeyArn ?? null,
        sizeGb: row.BackupSizeBytes === undefined ? null : Math.ceil(row.BackupSizeBytes / 2 ** 30),
        engineVersion: null,
        tags: row.BackupVaultName === undefined ? {} : { 'roc:vault': row.BackupVaultName },
      });
    NextToken = next(reply?.NextToken);
  } while (NextToken);
  return found;
}

/** Starts from what AWS Backup kept of the source, with our placement over it. @returns the job's id */
export async function startRestoreJob(
  access: AwsAccess,
  backup: BackupClient,
  request: RestoreRequest,
  job: { readonly vault: string; readonly role: string; readonly token: string },
): Promise<string> {
  const read = new GetRecoveryPointRestoreMetadataCommand({
    BackupVaultName: job.vault,
    RecoveryPointArn: request.point.id,
  });
  const { RestoreMetadata = {} } = await callAws(
    access,
    'backup:GetRecoveryPointRestoreMetadata',
    (abortSignal) => backup.send(read, { abortSignal }),
  );
  const start = new StartRestoreJobCommand({
    RecoveryPointArn: request.point.id,
    IamRoleArn: job.role,
    IdempotencyToken: job.token,
    ResourceType: 'RDS',
    CopySourceTagsToRestoredResource: false,
    Metadata: {
      ...RestoreMetadata,
      DBInstanceIdentifier: request.id,
      DBInstanceClass: request.class,
      DBSubnetGroupName: request.subnetGroup,
      VpcSecurityGroupIds: JSON.stringify(request.securityGroups),
      ...(request.parameterGroup === null ? {} : { DBParameterGroupName: request.parameterGroup }),
      MultiAZ: String(request.multiAz),
      PubliclyAccessible: 'false',
      DeletionProtection: String(request.deletionProtection),
      Port: String(request.port),
    },
  });
  const reply = await callAws(access, 'backup:StartRestoreJob', (abortSignal) =>
    backup.send(start, { abortSignal }),
  );
  return reply.RestoreJobId ?? '';
}

export async function restoreJob(access: AwsAccess, backup: BackupClient, id: string): Promise<RestoreJob> {
  const command = new DescribeRestoreJobCommand({ RestoreJobId: id });
  const reply = await callAws(access, 'backup:DescribeRestoreJob', (abortSignal) =>
    backup.send(command, { abortSignal }),
  );
  return {
    status: reply.Status ?? 'PENDING',
    message: reply.StatusMessage ?? null,
    createdArn: reply.CreatedResourceArn ?? null,
  };
}

/** AWS knows no "inconclusive": it is FAILED with a word why, never SUCCESSFUL. */
export async function putValidation(
  access: AwsAccess,
  backup: BackupClient,
  id: string,
  verdict: 'pass' | 'fail' | 'inconclusive',
  message: string,
): Promise<void> {
  const command = new PutRestoreValidationResultCommand({
    RestoreJobId: id,
    ValidationStatus: verdict === 'pass' ? 'SUCCESSFUL' : 'FAILED',
    ValidationStatusMessage: message.slice(0, 1000),
  });
  await callAws(access, 'backup:PutRestoreValidationResult', (abortSignal) =>
    backup.send(command, { abortSignal }),
  );
}
