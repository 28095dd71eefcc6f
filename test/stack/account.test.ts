import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import {
  ConfigServiceClient,
  PutConfigurationRecorderCommand,
  StartConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service';
import { CreateServiceLinkedRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { type AccountPort, ensureAccount } from '../../src/stack/account.js';
import { awsAccess } from '../../src/stack/aws/access.js';
import { makeRecorder, makeTrail } from '../../src/stack/aws/account-records.js';

function port(there: readonly string[], made: string[]): AccountPort {
  const service = (name: string) => ({
    find: async () => there.includes(name) || made.includes(name),
    make: async () => {
      made.push(name);
    },
  });
  return { guardduty: service('guardduty'), inspector: service('inspector') };
}

describe('the services of the account', () => {
  test('are adopted where they are there, and made where not', async () => {
    const made: string[] = [];
    expect(await ensureAccount(port(['guardduty'], made), false)).toEqual([
      { service: 'guardduty', state: 'adopted' },
      { service: 'inspector', state: 'made' },
    ]);
    expect(made).toEqual(['inspector']);
  });

  test('are made once', async () => {
    const made: string[] = [];
    await ensureAccount(port([], made), false);
    await ensureAccount(port([], made), false);
    expect(made).toEqual(['guardduty', 'inspector']);
  });

  test('are only looked for in a dry run', async () => {
    const made: string[] = [];
    const items = await ensureAccount(port([], made), true);
    expect(items.map(({ state }) => state)).toEqual(['would be made', 'would be made']);
    expect(made).toEqual([]);
  });
});

describe('the records of the account', () => {
  const [s3, sts, iam] = [mockClient(S3Client), mockClient(STSClient), mockClient(IAMClient)];
  const [config, trail] = [mockClient(ConfigServiceClient), mockClient(CloudTrailClient)];
  const failure = (name: string) => Object.assign(new TypeError(name), { name });
  const access = () => awsAccess({ region: 'eu-west-1' });

  beforeEach(() => {
    for (const client of [s3, sts, iam, config, trail]) client.reset();
    sts.on(GetCallerIdentityCommand).resolves({ Account: '123456789012' });
  });

  test('go to a bucket that is closed, in its region, to this account and these services only', async () => {
    s3.on(HeadBucketCommand).rejects(failure('NotFound'));
    await makeTrail(access());
    const Bucket = 'roc-account-records-123456789012-eu-west-1';
    expect(s3.commandCalls(CreateBucketCommand)[0]?.args[0].input).toEqual({
      Bucket,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    });
    const { PublicAccessBlockConfiguration } = s3.commandCalls(PutPublicAccessBlockCommand)[0]!.args[0].input;
    expect(Object.values(PublicAccessBlockConfiguration ?? {})).toEqual([true, true, true, true]);
    const { Statement } = JSON.parse(s3.commandCalls(PutBucketPolicyCommand)[0]!.args[0].input.Policy ?? '');
    for (const { Effect, Principal, Condition } of Statement) {
      if (Effect === 'Deny') expect(Condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
      else {
        expect(Principal).toEqual({ Service: ['config.amazonaws.com', 'cloudtrail.amazonaws.com'] });
        expect(Condition.StringEquals['AWS:SourceAccount']).toBe('123456789012');
      }
    }
    expect(trail.commandCalls(CreateTrailCommand)[0]?.args[0].input).toMatchObject({
      ...{ S3BucketName: Bucket, IsMultiRegionTrail: true, EnableLogFileValidation: true },
    });
    expect(trail.commandCalls(StartLoggingCommand)).toHaveLength(1);
  });

  test('of AWS Config are begun, with the role that it may have already; the bucket is made once', async () => {
    s3.on(HeadBucketCommand).resolves({});
    iam.on(CreateServiceLinkedRoleCommand).rejects(failure('InvalidInputException'));
    await makeRecorder(access());
    expect(s3.commandCalls(CreateBucketCommand)).toHaveLength(0);
    expect(
      config.commandCalls(PutConfigurationRecorderCommand)[0]?.args[0].input.ConfigurationRecorder,
    ).toMatchObject({
      roleARN: expect.stringContaining(':role/aws-service-role/config.amazonaws.com/'),
      recordingGroup: { allSupported: true, includeGlobalResourceTypes: true },
    });
    expect(config.commandCalls(StartConfigurationRecorderCommand)).toHaveLength(1);
  });

  test.each(['AccessDenied', 'ServiceFailureException'])(
    'are not begun where the role cannot be made: %s',
    async (name) => {
      s3.on(HeadBucketCommand).resolves({});
      iam.on(CreateServiceLinkedRoleCommand).rejects(failure(name));
      await expect(makeRecorder(access())).rejects.toThrow();
      expect(config.commandCalls(PutConfigurationRecorderCommand)).toHaveLength(0);
    },
  );
});
