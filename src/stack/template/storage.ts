/** Buckets and the registry: robots under the data key, access logs, and images whose tags never move. */
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import { CfnBucket, CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';
import { CfnDeletionPolicy, type CfnResource, Fn } from 'aws-cdk-lib/core';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Context } from './context.js';

export interface Storage {
  readonly robots: { readonly name: string; readonly arn: string };
  readonly logs: { readonly name: string };
  readonly registry: { readonly arn: string; readonly uri: string };
}

const CLOSED: CfnBucket.PublicAccessBlockConfigurationProperty = {
  blockPublicAcls: true,
  blockPublicPolicy: true,
  ignorePublicAcls: true,
  restrictPublicBuckets: true,
};

const OWNED: CfnBucket.OwnershipControlsProperty = { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] };

export function buildStorage(context: Context, dataKeyArn: string): Storage {
  const logs = logsBucket(context);
  const robots = robotsBucket(context, dataKeyArn, logs);
  return {
    robots: { name: robots.ref, arn: robots.attrArn },
    logs: { name: logs.ref },
    registry: registry(context, dataKeyArn),
  };
}

function robotsBucket(context: Context, dataKeyArn: string, logs: CfnBucket): CfnBucket {
  const bucket = new CfnBucket(context.stack, 'RobotsBucket', {
    bucketEncryption: {
      serverSideEncryptionConfiguration: [
        {
          bucketKeyEnabled: true,
          serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: dataKeyArn },
        },
      ],
    },
    versioningConfiguration: { status: 'Enabled' },
    publicAccessBlockConfiguration: CLOSED,
    ownershipControls: OWNED,
    loggingConfiguration: { destinationBucketName: logs.ref, logFilePrefix: 's3/robots/' },
    lifecycleConfiguration: {
      rules: [
        {
          id: 'former-versions',
          status: 'Enabled',
          noncurrentVersionExpiration: { noncurrentDays: 90 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    },
  });
  keep(bucket);
  tlsOnly(context, 'RobotsBucketPolicy', bucket, []);
  return bucket;
}

// The balancer writes its access log with keys of S3 alone, so this bucket has those.
function logsBucket(context: Context): CfnBucket {
  const bucket = new CfnBucket(context.stack, 'LogsBucket', {
    bucketEncryption: {
      serverSideEncryptionConfiguration: [{ serverSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
    },
    versioningConfiguration: { status: 'Enabled' },
    publicAccessBlockConfiguration: CLOSED,
    ownershipControls: OWNED,
    lifecycleConfiguration: {
      rules: [
        {
          id: 'retention',
          status: 'Enabled',
          expirationInDays: context.settings.logDays,
          noncurrentVersionExpiration: { noncurrentDays: 7 },
        },
      ],
    },
  });
  keep(bucket);
  const account = { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } };
  tlsOnly(context, 'LogsBucketPolicy', bucket, [
    {
      Sid: 'Balancer',
      Effect: 'Allow',
      Principal: balancerPrincipal(context.facts.region),
      Action: 's3:PutObject',
      Resource: Fn.join('', [bucket.attrArn, '/alb/AWSLogs/', Fn.ref('AWS::AccountId'), '/*']),
    },
    {
      Sid: 'Buckets',
      Effect: 'Allow',
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: Fn.join('', [bucket.attrArn, '/s3/*']),
      Condition: { StringEquals: account },
    },
  ]);
  return bucket;
}

/**
 * Who writes access logs: a service in the newer regions, an account of AWS in the older ones.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
function balancerPrincipal(region: string): object {
  const account = RegionInfo.get(region).elbv2Account;
  if (account === undefined) return { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' };
  return { AWS: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::${account}:root` } };
}

function tlsOnly(context: Context, id: string, bucket: CfnBucket, statements: readonly object[]): void {
  new CfnBucketPolicy(context.stack, id, {
    bucket: bucket.ref,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [bucket.attrArn, Fn.join('', [bucket.attrArn, '/*'])],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        ...statements,
      ],
    },
  });
}

function registry(context: Context, dataKeyArn: string): Storage['registry'] {
  const repository = new CfnRepository(context.stack, 'Repository', {
    repositoryName: `${context.name}/orchestrator`,
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: { encryptionType: 'KMS', kmsKey: dataKeyArn },
    lifecyclePolicy: {
      lifecyclePolicyText: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            description: 'images without a tag',
            selection: {
              tagStatus: 'untagged',
              countType: 'sinceImagePushed',
              countUnit: 'days',
              countNumber: 7,
            },
            action: { type: 'expire' },
          },
          {
            rulePriority: 2,
            description: 'the last fifty remain',
            selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 50 },
            action: { type: 'expire' },
          },
        ],
      }),
    },
  });
  keep(repository);
  return { arn: repository.attrArn, uri: repository.attrRepositoryUri };
}

function keep(resource: CfnResource): void {
  resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
  resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
}
