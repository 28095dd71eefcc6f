/** Services that an account has once: each looked for first, and made only where there is none. */
import { BackupClient, CreateBackupVaultCommand, DescribeBackupVaultCommand } from '@aws-sdk/client-backup';
import { CloudTrailClient, DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { ConfigServiceClient, DescribeConfigurationRecordersCommand } from '@aws-sdk/client-config-service';
import {
  ECRClient,
  GetRegistryScanningConfigurationCommand,
  PutRegistryScanningConfigurationCommand,
} from '@aws-sdk/client-ecr';
import { CreateDetectorCommand, GuardDutyClient, ListDetectorsCommand } from '@aws-sdk/client-guardduty';
import { BatchGetAccountStatusCommand, EnableCommand, Inspector2Client } from '@aws-sdk/client-inspector2';
import { DescribeHubCommand, EnableSecurityHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { AccountPort } from '../account.js';
import type { AwsAccess } from './access.js';
import { makeRecorder, makeTrail } from './account-records.js';
import { awsErrorName, callAws } from './call.js';

export function accountPort(access: AwsAccess): AccountPort {
  return {
    guardduty: { find: () => hasDetector(access), make: () => makeDetector(access) },
    config: { find: () => hasRecorder(access), make: () => makeRecorder(access) },
    'security-hub': { find: () => hasHub(access), make: () => makeHub(access) },
    inspector: { find: () => hasInspector(access), make: () => makeInspector(access) },
    'image-scanning': { find: () => hasScanning(access), make: () => makeScanning(access) },
    cloudtrail: { find: () => hasTrail(access), make: () => makeTrail(access) },
  };
}

/** The vault of the copies, in a region of its own. */
export function copyVault(access: AwsAccess, name: string): AccountPort[string] {
  const client = access.client(BackupClient);
  return {
    find: () =>
      orFalse(/^(ResourceNotFoundException|AccessDeniedException)$/, () =>
        callAws('backup:DescribeBackupVault', (abortSignal) =>
          client.send(new DescribeBackupVaultCommand({ BackupVaultName: name }), { abortSignal }),
        ),
      ),
    make: async () => {
      await callAws('backup:CreateBackupVault', (abortSignal) =>
        client.send(new CreateBackupVaultCommand({ BackupVaultName: name }), { abortSignal }),
      );
    },
  };
}

async function hasDetector(access: AwsAccess): Promise<boolean> {
  const { DetectorIds = [] } = await callAws('guardduty:ListDetectors', (abortSignal) =>
    access.client(GuardDutyClient).send(new ListDetectorsCommand({}), { abortSignal }),
  );
  return DetectorIds.length > 0;
}

async function makeDetector(access: AwsAccess): Promise<void> {
  const Features = ['S3_DATA_EVENTS', 'EBS_MALWARE_PROTECTION'] as const;
  await callAws('guardduty:CreateDetector', (abortSignal) =>
    access.client(GuardDutyClient).send(
      new CreateDetectorCommand({
        Enable: true,
        FindingPublishingFrequency: 'FIFTEEN_MINUTES',
        Features: Features.map((Name) => ({ Name, Status: 'ENABLED' })),
      }),
      { abortSignal },
    ),
  );
}

function hasHub(access: AwsAccess): Promise<boolean> {
  return orFalse(/^(InvalidAccessException|ResourceNotFoundException)$/, () =>
    callAws('securityhub:DescribeHub', (abortSignal) =>
      access.client(SecurityHubClient).send(new DescribeHubCommand({}), { abortSignal }),
    ),
  );
}

async function makeHub(access: AwsAccess): Promise<void> {
  await callAws('securityhub:EnableSecurityHub', (abortSignal) =>
    access
      .client(SecurityHubClient)
      .send(new EnableSecurityHubCommand({ EnableDefaultStandards: true }), { abortSignal }),
  );
}

async function hasInspector(access: AwsAccess): Promise<boolean> {
  const { accounts = [] } = await callAws('inspector2:BatchGetAccountStatus', (abortSignal) =>
    access.client(Inspector2Client).send(new BatchGetAccountStatusCommand({}), { abortSignal }),
  );
  const scans = accounts[0]?.resourceState;
  return [scans?.ec2, scans?.ecr].every((scan) => scan?.status === 'ENABLED' || scan?.status === 'ENABLING');
}

async function makeInspector(access: AwsAccess): Promise<void> {
  await callAws('inspector2:Enable', (abortSignal) =>
    access
      .client(Inspector2Client)
      .send(new EnableCommand({ resourceTypes: ['EC2', 'ECR'] }), { abortSignal }),
  );
}

/** Whether the registry scans at all beyond what a repository asks for itself. */
async function hasScanning(access: AwsAccess): Promise<boolean> {
  const { scanningConfiguration } = await callAws('ecr:GetRegistryScanningConfiguration', (abortSignal) =>
    access.client(ECRClient).send(new GetRegistryScanningConfigurationCommand({}), { abortSignal }),
  );
  return (scanningConfiguration?.rules ?? []).length > 0;
}

async function makeScanning(access: AwsAccess): Promise<void> {
  await callAws('ecr:PutRegistryScanningConfiguration', (abortSignal) =>
    access.client(ECRClient).send(
      new PutRegistryScanningConfigurationCommand({
        scanType: 'ENHANCED',
        rules: [
          { scanFrequency: 'CONTINUOUS_SCAN', repositoryFilters: [{ filter: '*', filterType: 'WILDCARD' }] },
        ],
      }),
      { abortSignal },
    ),
  );
}

async function hasRecorder(access: AwsAccess): Promise<boolean> {
  const { ConfigurationRecorders = [] } = await callAws(
    'config:DescribeConfigurationRecorders',
    (abortSignal) =>
      access.client(ConfigServiceClient).send(new DescribeConfigurationRecordersCommand({}), { abortSignal }),
  );
  return ConfigurationRecorders.length > 0;
}

async function hasTrail(access: AwsAccess): Promise<boolean> {
  const { trailList = [] } = await callAws('cloudtrail:DescribeTrails', (abortSignal) =>
    access
      .client(CloudTrailClient)
      .send(new DescribeTrailsCommand({ includeShadowTrails: true }), { abortSignal }),
  );
  return trailList.some((trail) => trail.IsMultiRegionTrail === true);
}

async function orFalse(missing: RegExp, look: () => Promise<unknown>): Promise<boolean> {
  try {
    await look();
    return true;
  } catch (error) {
    if (missing.test(awsErrorName(error) ?? '')) return false;
    throw error;
  }
}
