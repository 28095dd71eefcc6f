/** Live keys, the registry, and backups. */
import {
  BackupClient,
  DescribeBackupVaultCommand,
  GetBackupPlanCommand,
  GetBackupSelectionCommand,
  GetRestoreTestingPlanCommand,
} from '@aws-sdk/client-backup';
import {
  DescribeRepositoriesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  GetRegistryScanningConfigurationCommand,
} from '@aws-sdk/client-ecr';
import { DescribeKeyCommand, GetKeyRotationStatusCommand, KMSClient } from '@aws-sdk/client-kms';
import { callAws } from '../call.js';
import { type LiveReader, notTold, orNull } from './live-facts.js';

export const readKey: LiveReader = async (access, { physicalId: KeyId }) => {
  const kms = access.client(KMSClient);
  const reply = await orNull(/^NotFoundException$/, () =>
    callAws('kms:DescribeKey', (abortSignal) => kms.send(new DescribeKeyCommand({ KeyId }), { abortSignal })),
  );
  if (reply === null) return null;
  const rotation = await callAws('kms:GetKeyRotationStatus', (abortSignal) =>
    kms.send(new GetKeyRotationStatusCommand({ KeyId }), { abortSignal }),
  );
  return {
    EnableKeyRotation: rotation.KeyRotationEnabled ?? false,
    keyState: reply.KeyMetadata?.KeyState ?? null,
  };
};

export const readRepository: LiveReader = async (access, { physicalId }) => {
  const ecr = access.client(ECRClient);
  const reply = await orNull(/^RepositoryNotFound/, () =>
    callAws('ecr:DescribeRepositories', (abortSignal) =>
      ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [physicalId] }), { abortSignal }),
    ),
  );
  const repository = reply?.repositories?.[0];
  if (repository === undefined) return null;
  const lifecycle = await orNull(/^LifecyclePolicyNotFound/, () =>
    callAws('ecr:GetLifecyclePolicy', (abortSignal) =>
      ecr.send(new GetLifecyclePolicyCommand({ repositoryName: physicalId }), { abortSignal }),
    ),
  );
  return {
    ImageTagMutability: repository.imageTagMutability ?? null,
    'ImageScanningConfiguration.ScanOnPush': repository.imageScanningConfiguration?.scanOnPush ?? false,
    'EncryptionConfiguration.EncryptionType': repository.encryptionConfiguration?.encryptionType ?? 'AES256',
    hasLifecycle: lifecycle !== null,
  };
};

export const readRegistryScanning: LiveReader = async (access) => {
  const reply = await callAws('ecr:GetRegistryScanningConfiguration', (abortSignal) =>
    access.client(ECRClient).send(new GetRegistryScanningConfigurationCommand({}), { abortSignal }),
  );
  return { ScanType: reply.scanningConfiguration?.scanType ?? null };
};

export const readBackupVault: LiveReader = async (access, { physicalId }) => {
  const reply = await orNull(/^(ResourceNotFoundException|AccessDeniedException)$/, () =>
    callAws('backup:DescribeBackupVault', (abortSignal) =>
      access
        .client(BackupClient)
        .send(new DescribeBackupVaultCommand({ BackupVaultName: physicalId }), { abortSignal }),
    ),
  );
  return reply === null
    ? null
    : { isEncrypted: Boolean(reply.EncryptionKeyArn), isLocked: reply.Locked ?? false };
};

export const readBackupPlan: LiveReader = async (access, { physicalId }) => {
  const reply = await orNull(/^ResourceNotFoundException$/, () =>
    callAws('backup:GetBackupPlan', (abortSignal) =>
      access
        .client(BackupClient)
        .send(new GetBackupPlanCommand({ BackupPlanId: physicalId }), { abortSignal }),
    ),
  );
  return reply === null
    ? null
    : { rules: (reply.BackupPlan?.Rules ?? []).map(({ RuleName }) => RuleName).sort() };
};

// CloudFormation's id of a selection is `selection_plan`.
export const readBackupSelection: LiveReader = async (access, { physicalId, properties }) => {
  const [SelectionId = ''] = physicalId.split('_');
  const plan = properties['BackupPlanId'];
  if (typeof plan !== 'string') throw notTold('the plan of the selection');
  const reply = await orNull(/^ResourceNotFoundException$/, () =>
    callAws('backup:GetBackupSelection', (abortSignal) =>
      access
        .client(BackupClient)
        .send(new GetBackupSelectionCommand({ BackupPlanId: plan, SelectionId }), { abortSignal }),
    ),
  );
  return reply === null ? null : {};
};

export const readRestoreTestingPlan: LiveReader = async (access, { physicalId }) => {
  const reply = await orNull(/^ResourceNotFoundException$/, () =>
    callAws('backup:GetRestoreTestingPlan', (abortSignal) =>
      access
        .client(BackupClient)
        .send(new GetRestoreTestingPlanCommand({ RestoreTestingPlanName: physicalId }), { abortSignal }),
    ),
  );
  return reply === null ? null : { ScheduleExpression: reply.RestoreTestingPlan?.ScheduleExpression ?? null };
};
