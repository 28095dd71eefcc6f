/** The records of an account where there are none: a recorder of AWS Config and a trail of every call, in one bucket. */
import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import {
  ConfigServiceClient,
  PutConfigurationRecorderCommand,
  PutDeliveryChannelCommand,
  StartConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service';
import { CreateServiceLinkedRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsPartition } from '../../kernel/aws-partition.js';
import type { AwsAccess } from './access.js';
import { awsErrorName, callAws } from './call.js';

const NAME = 'roc';
const CONFIG_ROLE = 'AWSServiceRoleForConfig';

/** Records every kind of resource, as Security Hub wants it, with the service's own role. */
export async function makeRecorder(access: AwsAccess): Promise<void> {
  const { account, bucket } = await recordsBucket(access);
  await makeConfigRole(access);
  const client = access.client(ConfigServiceClient);
  const partition = awsPartition(access.target.region);
  const roleARN = `arn:${partition}:iam::${account}:role/aws-service-role/config.amazonaws.com/${CONFIG_ROLE}`;
  const recorder = {
    name: NAME,
    roleARN,
    recordingGroup: { allSupported: true, includeGlobalResourceTypes: true },
  };
  await callAws('config:PutConfigurationRecorder', (abortSignal) =>
    client.send(new PutConfigurationRecorderCommand({ ConfigurationRecorder: recorder }), { abortSignal }),
  );
  const channel = { name: NAME, s3BucketName: bucket };
  await callAws('config:PutDeliveryChannel', (abortSignal) =>
    client.send(new PutDeliveryChannelCommand({ DeliveryChannel: channel }), { abortSignal }),
  );
  await callAws('config:StartConfigurationRecorder', (abortSignal) =>
    client.send(new StartConfigurationRecorderCommand({ ConfigurationRecorderName: NAME }), { abortSignal }),
  );
}

/** A trail of all regions whose files can be validated. */
export async function makeTrail(access: AwsAccess): Promise<void> {
  const { bucket } = await recordsBucket(access);
  const client = access.client(CloudTrailClient);
  const trail = {
    ...{ Name: NAME, S3BucketName: bucket },
    ...{ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: true, EnableLogFileValidation: true },
  };
  await callAws('cloudtrail:CreateTrail', (abortSignal) =>
    client.send(new CreateTrailCommand(trail), { abortSignal }),
  );
  await callAws('cloudtrail:StartLogging', (abortSignal) =>
    client.send(new StartLoggingCommand({ Name: NAME }), { abortSignal }),
  );
}

/** One bucket an account and region, closed to the public, versioned, TLS only, open to these two services alone. */
async function recordsBucket(access: AwsAccess): Promise<{ account: string; bucket: string }> {
  const { Account: account = '' } = await callAws('sts:GetCallerIdentity', (abortSignal) =>
    access.client(STSClient).send(new GetCallerIdentityCommand({}), { abortSignal }),
  );
  const { region } = access.target;
  const bucket = `roc-account-records-${account}-${region}`;
  const client = access.client(S3Client);
  const Bucket = { Bucket: bucket, ExpectedBucketOwner: account };
  const send = <T>(name: string, run: (abortSignal: AbortSignal) => Promise<T>) => callAws(name, run);
  if (!(await exists(access, Bucket))) {
    const LocationConstraint = region as BucketLocationConstraint;
    const where = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
    await send('s3:CreateBucket', (abortSignal) =>
      client.send(new CreateBucketCommand({ Bucket: bucket, ...where }), { abortSignal }),
    );
  }
  const closed = {
    ...{
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
  };
  await send('s3:PutBucketPublicAccessBlock', (abortSignal) =>
    client.send(new PutPublicAccessBlockCommand({ ...Bucket, PublicAccessBlockConfiguration: closed }), {
      abortSignal,
    }),
  );
  await send('s3:PutBucketVersioning', (abortSignal) =>
    client.send(
      new PutBucketVersioningCommand({ ...Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
      {
        abortSignal,
      },
    ),
  );
  const Policy = JSON.stringify(recordsPolicy(`arn:${awsPartition(region)}:s3:::${bucket}`, account));
  await send('s3:PutBucketPolicy', (abortSignal) =>
    client.send(new PutBucketPolicyCommand({ ...Bucket, Policy }), { abortSignal }),
  );
  return { account, bucket };
}

async function exists(
  access: AwsAccess,
  bucket: { readonly Bucket: string; readonly ExpectedBucketOwner: string },
): Promise<boolean> {
  try {
    await callAws('s3:ListBucket', (abortSignal) =>
      access.client(S3Client).send(new HeadBucketCommand(bucket), { abortSignal }),
    );
    return true;
  } catch (error) {
    if (/^(NotFound|NoSuchBucket)$/.test(awsErrorName(error) ?? '')) return false;
    throw error;
  }
}

/** As the pages of AWS Config and CloudTrail ask for, each bound to this account. */
function recordsPolicy(arn: string, account: string): object {
  const fromHere = { StringEquals: { 'AWS:SourceAccount': account } };
  const service = ['config.amazonaws.com', 'cloudtrail.amazonaws.com'];
  const owned = { 's3:x-amz-acl': 'bucket-owner-full-control' };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Sid: 'OnlyTls', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [arn, `${arn}/*`] },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        ...{ Sid: 'Look', Effect: 'Allow', Principal: { Service: service } },
        ...{ Action: ['s3:GetBucketAcl', 's3:ListBucket'], Resource: arn, Condition: fromHere },
      },
      {
        ...{ Sid: 'Write', Effect: 'Allow', Principal: { Service: service }, Action: 's3:PutObject' },
        Resource: `${arn}/AWSLogs/${account}/*`,
        Condition: { StringEquals: { ...fromHere.StringEquals, ...owned } },
      },
    ],
  };
}

async function makeConfigRole(access: AwsAccess): Promise<void> {
  const command = new CreateServiceLinkedRoleCommand({ AWSServiceName: 'config.amazonaws.com' });
  try {
    await callAws('iam:CreateServiceLinkedRole', (abortSignal) =>
      access.client(IAMClient).send(command, { abortSignal }),
    );
  } catch (error) {
    // It has it already: IAM answers so, in words only.
    if (awsErrorName(error) !== 'InvalidInputException') throw error;
  }
}
