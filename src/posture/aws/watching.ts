/** What keeps watch over an account: GuardDuty, Security Hub, Inspector, CloudTrail, Config, the registry, logs, the root user. */
import { CloudTrailClient, DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import {
  ConfigServiceClient,
  DescribeConfigurationRecorderStatusCommand,
  DescribeConfigurationRecordersCommand,
} from '@aws-sdk/client-config-service';
import {
  ECRClient,
  GetRegistryScanningConfigurationCommand,
  paginateDescribeRepositories,
} from '@aws-sdk/client-ecr';
import { GetDetectorCommand, GuardDutyClient, ListDetectorsCommand } from '@aws-sdk/client-guardduty';
import { GetAccountSummaryCommand, IAMClient } from '@aws-sdk/client-iam';
import { BatchGetAccountStatusCommand, Inspector2Client } from '@aws-sdk/client-inspector2';
import { DescribeHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { RocError } from '../../kernel/errors.js';
import type { PostureParts, RepositoryFacts, TrailFacts } from '../facts.js';
import type { AwsAccess } from './access.js';
import { orNull } from './data.js';

export async function readAccount({ client, ask }: AwsAccess): Promise<string> {
  const { Account = '' } = await ask('sts:GetCallerIdentity', (abortSignal) =>
    client(STSClient).send(new GetCallerIdentityCommand({}), { abortSignal }),
  );
  return Account;
}

export async function readGuardDuty({ client, ask }: AwsAccess): Promise<PostureParts['guardDuty']> {
  const guard = client(GuardDutyClient);
  const { DetectorIds = [] } = await ask('guardduty:ListDetectors', (abortSignal) =>
    guard.send(new ListDetectorsCommand({}), { abortSignal }),
  );
  const [DetectorId] = DetectorIds;
  if (DetectorId === undefined) return { isOn: false };
  const { Status } = await ask('guardduty:GetDetector', (abortSignal) =>
    guard.send(new GetDetectorCommand({ DetectorId }), { abortSignal }),
  );
  return { isOn: Status === 'ENABLED' };
}

export async function readSecurityHub({ client, ask }: AwsAccess): Promise<PostureParts['securityHub']> {
  const hub = await orNull(/^(InvalidAccessException|ResourceNotFoundException)$/, () =>
    ask('securityhub:DescribeHub', (abortSignal) =>
      client(SecurityHubClient).send(new DescribeHubCommand({}), { abortSignal }),
    ),
  );
  return { isOn: hub !== null };
}

export async function readInspector({ client, ask }: AwsAccess): Promise<PostureParts['inspector']> {
  const { accounts = [] } = await ask('inspector2:BatchGetAccountStatus', (abortSignal) =>
    client(Inspector2Client).send(new BatchGetAccountStatusCommand({}), { abortSignal }),
  );
  const state = accounts[0]?.resourceState;
  const scans = { EC2: state?.ec2?.status, ECR: state?.ecr?.status };
  return { off: Object.entries(scans).flatMap(([name, status]) => (status === 'ENABLED' ? [] : [name])) };
}

export async function readTrails({ client, ask }: AwsAccess): Promise<TrailFacts[]> {
  const trail = client(CloudTrailClient);
  const { trailList = [] } = await ask('cloudtrail:DescribeTrails', (abortSignal) =>
    trail.send(new DescribeTrailsCommand({ includeShadowTrails: true }), { abortSignal }),
  );
  return Promise.all(
    trailList.map(async ({ Name = '', TrailARN, IsMultiRegionTrail, LogFileValidationEnabled }) => {
      // A trail of another region or of the organisation answers only to its ARN.
      const { IsLogging } = await ask('cloudtrail:GetTrailStatus', (abortSignal) =>
        trail.send(new GetTrailStatusCommand({ Name: TrailARN ?? Name }), { abortSignal }),
      );
      return {
        name: Name,
        isLogging: IsLogging ?? false,
        isMultiRegion: IsMultiRegionTrail ?? false,
        isValidated: LogFileValidationEnabled ?? false,
      };
    }),
  );
}

export async function readRecorders({ client, ask }: AwsAccess): Promise<PostureParts['recorders']> {
  const config = client(ConfigServiceClient);
  const [recorders, statuses] = await Promise.all([
    ask('config:DescribeConfigurationRecorders', (abortSignal) =>
      config.send(new DescribeConfigurationRecordersCommand({}), { abortSignal }),
    ),
    ask('config:DescribeConfigurationRecorderStatus', (abortSignal) =>
      config.send(new DescribeConfigurationRecorderStatusCommand({}), { abortSignal }),
    ),
  ]);
  const recording = (statuses.ConfigurationRecordersStatus ?? [])
    .filter((one) => one.recording)
    .map((one) => one.name);
  return (recorders.ConfigurationRecorders ?? []).map(({ name = '', recordingGroup }) => ({
    name,
    isRecording: recording.includes(name),
    isAll: recordingGroup?.allSupported ?? false,
  }));
}

export async function readRepositories({ client, collect }: AwsAccess): Promise<RepositoryFacts[]> {
  const all = await collect(
    'ecr:DescribeRepositories',
    (abortSignal) => paginateDescribeRepositories({ client: client(ECRClient) }, {}, { abortSignal }),
    ({ repositories }) => repositories,
  );
  return all.map(({ repositoryName = '', imageScanningConfiguration, imageTagMutability }) => ({
    name: repositoryName,
    scansOnPush: imageScanningConfiguration?.scanOnPush ?? false,
    isImmutable: /^IMMUTABLE/.test(imageTagMutability ?? ''),
  }));
}

export async function readRegistry({ client, ask }: AwsAccess): Promise<PostureParts['registry']> {
  const { scanningConfiguration } = await ask('ecr:GetRegistryScanningConfiguration', (abortSignal) =>
    client(ECRClient).send(new GetRegistryScanningConfigurationCommand({}), { abortSignal }),
  );
  return {
    rules: (scanningConfiguration?.rules ?? []).map(({ scanFrequency, repositoryFilters = [] }) => ({
      frequency: scanFrequency ?? 'MANUAL',
      filters: repositoryFilters.flatMap(({ filter }) => filter ?? []),
    })),
  };
}

/** Those that are named, else all of the region. */
export async function readLogGroups(
  { client, collect }: AwsAccess,
  names: readonly string[] | null,
): Promise<PostureParts['logGroups']> {
  const all = await collect(
    'logs:DescribeLogGroups',
    (abortSignal) => paginateDescribeLogGroups({ client: client(CloudWatchLogsClient) }, {}, { abortSignal }),
    ({ logGroups }) => logGroups,
  );
  const ours = all.filter(({ logGroupName = '' }) => names === null || names.includes(logGroupName));
  return ours.map(({ logGroupName = '', retentionInDays, kmsKeyId }) => ({
    name: logGroupName,
    days: retentionInDays ?? null,
    isEncrypted: kmsKeyId !== undefined,
  }));
}

export async function readRoot({ client, ask }: AwsAccess): Promise<PostureParts['root']> {
  const { SummaryMap } = await ask('iam:GetAccountSummary', (abortSignal) =>
    client(IAMClient).send(new GetAccountSummaryCommand({}), { abortSignal }),
  );
  const { AccountMFAEnabled: factors, AccountAccessKeysPresent: keys } = SummaryMap ?? {};
  if (factors === undefined || keys === undefined)
    throw new RocError('ROC_UNAVAILABLE', 'iam:GetAccountSummary: the answer says nothing of the root user');
  return { hasMfa: factors > 0, hasKeys: keys > 0 };
}
