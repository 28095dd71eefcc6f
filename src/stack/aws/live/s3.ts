/** Live buckets and their policies. */
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { callAws } from '../call.js';
import { type LiveReader, notTold, orNull } from './live-facts.js';

const GONE = /^(NoSuchBucket|NotFound)$/;

export const readBucket: LiveReader = async (access, { physicalId: Bucket }) => {
  const s3 = access.client(S3Client);
  const versioning = await orNull(GONE, () =>
    callAws('s3:GetBucketVersioning', (abortSignal) =>
      s3.send(new GetBucketVersioningCommand({ Bucket }), { abortSignal }),
    ),
  );
  if (versioning === null) return null;
  const [block, encryption, logging, lifecycle] = await Promise.all([
    orNull(/^NoSuchPublicAccessBlockConfiguration$/, () =>
      callAws('s3:GetBucketPublicAccessBlock', (abortSignal) =>
        s3.send(new GetPublicAccessBlockCommand({ Bucket }), { abortSignal }),
      ),
    ),
    orNull(/^ServerSideEncryptionConfigurationNotFoundError$/, () =>
      callAws('s3:GetEncryptionConfiguration', (abortSignal) =>
        s3.send(new GetBucketEncryptionCommand({ Bucket }), { abortSignal }),
      ),
    ),
    callAws('s3:GetBucketLogging', (abortSignal) =>
      s3.send(new GetBucketLoggingCommand({ Bucket }), { abortSignal }),
    ),
    orNull(/^NoSuchLifecycleConfiguration$/, () =>
      callAws('s3:GetLifecycleConfiguration', (abortSignal) =>
        s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }), { abortSignal }),
      ),
    ),
  ]);
  const open = block?.PublicAccessBlockConfiguration;
  const rule = encryption?.ServerSideEncryptionConfiguration?.Rules?.[0];
  return {
    'VersioningConfiguration.Status': versioning.Status ?? 'Off',
    'PublicAccessBlockConfiguration.BlockPublicAcls': open?.BlockPublicAcls ?? false,
    'PublicAccessBlockConfiguration.BlockPublicPolicy': open?.BlockPublicPolicy ?? false,
    'PublicAccessBlockConfiguration.IgnorePublicAcls': open?.IgnorePublicAcls ?? false,
    'PublicAccessBlockConfiguration.RestrictPublicBuckets': open?.RestrictPublicBuckets ?? false,
    'BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm':
      rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm ?? 'none',
    'LoggingConfiguration.DestinationBucketName': logging.LoggingEnabled?.TargetBucket ?? null,
    'LifecycleConfiguration.Rules': lifecycle?.Rules?.length ?? 0,
  };
};

/** Only the one statement that matters wherever the bucket is: nothing without TLS. */
export const readBucketPolicy: LiveReader = async (access, { properties }) => {
  const Bucket = properties['Bucket'];
  if (typeof Bucket !== 'string') throw notTold('the bucket of the policy');
  const reply = await orNull(/^(NoSuchBucketPolicy|NoSuchBucket)$/, () =>
    callAws('s3:GetBucketPolicy', (abortSignal) =>
      access.client(S3Client).send(new GetBucketPolicyCommand({ Bucket }), { abortSignal }),
    ),
  );
  return reply === null ? null : { tlsOnly: refusesPlain(reply.Policy ?? '') };
};

function refusesPlain(text: string): boolean {
  const policy = JSON.parse(text) as { Statement?: { Effect?: string; Condition?: unknown }[] };
  return (policy.Statement ?? []).some(
    ({ Effect, Condition }) =>
      Effect === 'Deny' && /"aws:SecureTransport":\[?"?false/.test(JSON.stringify(Condition ?? {})),
  );
}
