/** The bucket for large templates: private, TLS only, encrypted, versioned, emptied by itself. */
import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { awsDomain } from '../../kernel/aws-partition.js';
import { RocError } from '../../kernel/errors.js';
import type { AwsAccess } from './access.js';
import { awsErrorName, callAws } from './call.js';
import type { Caller } from './caller.js';

const DAYS_KEPT = 30;

/**
 * Whether it is there and ours.
 * @throws RocError ROC_REFUSED when another account has taken the name: nothing is uploaded to a stranger
 */
export async function findTemplateBucket(
  access: AwsAccess,
  bucket: string,
  account: string,
): Promise<boolean> {
  try {
    await callAws('s3:HeadBucket', (abortSignal) =>
      access
        .client(S3Client)
        .send(new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: account }), { abortSignal }),
    );
    return true;
  } catch (error) {
    const name = awsErrorName(error) ?? '';
    if (/^(NotFound|NoSuchBucket|404)$/.test(name)) return false;
    if (/^(Forbidden|AccessDenied|403)$/.test(name)) {
      throw new RocError('ROC_REFUSED', `the bucket ${bucket} belongs to somebody else or is closed to you`, {
        hint: 'Ask for s3:ListBucket on it; if another account owns the name, tell AWS support.',
        cause: error,
      });
    }
    throw error;
  }
}

/** Makes the bucket where it is missing, and its protections each time: each call is harmless when repeated. */
export async function ensureTemplateBucket(
  access: AwsAccess,
  Bucket: string,
  { account, partition }: Pick<Caller, 'account' | 'partition'>,
): Promise<void> {
  const s3 = access.client(S3Client);
  const { region } = access.target;
  const owned = { Bucket, ExpectedBucketOwner: account };
  const call = <T>(action: string, run: (abortSignal: AbortSignal) => Promise<T>) =>
    callAws(`s3:${action}`, (signal) => run(signal));
  await call('CreateBucket', (abortSignal) =>
    s3.send(
      new CreateBucketCommand({
        Bucket,
        ...(region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } }),
      }),
      { abortSignal },
    ),
  ).catch((error: unknown) => {
    if (awsErrorName(error) !== 'BucketAlreadyOwnedByYou') throw error;
  });
  await call('PutBucketPublicAccessBlock', (abortSignal) =>
    s3.send(
      new PutPublicAccessBlockCommand({
        ...owned,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      }),
      { abortSignal },
    ),
  );
  // An emulator that roc speaks plain HTTP with would be shut out, and roc with it.
  if (!access.target.endpointUrl?.startsWith('http:')) {
    const Policy = JSON.stringify(tlsOnly(Bucket, partition));
    await call('PutBucketPolicy', (abortSignal) =>
      s3.send(new PutBucketPolicyCommand({ ...owned, Policy }), { abortSignal }),
    );
  }
  await call('PutEncryptionConfiguration', (abortSignal) =>
    s3.send(
      new PutBucketEncryptionCommand({
        ...owned,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      }),
      { abortSignal },
    ),
  );
  await call('PutBucketVersioning', (abortSignal) =>
    s3.send(new PutBucketVersioningCommand({ ...owned, VersioningConfiguration: { Status: 'Enabled' } }), {
      abortSignal,
    }),
  );
  await call('PutLifecycleConfiguration', (abortSignal) =>
    s3.send(
      new PutBucketLifecycleConfigurationCommand({
        ...owned,
        LifecycleConfiguration: {
          Rules: [
            {
              ID: 'old-templates',
              Status: 'Enabled',
              Filter: { Prefix: '' },
              Expiration: { Days: DAYS_KEPT },
              NoncurrentVersionExpiration: { NoncurrentDays: DAYS_KEPT },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
          ],
        },
      }),
      { abortSignal },
    ),
  );
  await call('PutBucketTagging', (abortSignal) =>
    s3.send(
      new PutBucketTaggingCommand({
        ...owned,
        Tagging: { TagSet: [{ Key: 'roc:purpose', Value: 'templates' }] },
      }),
      { abortSignal },
    ),
  );
}

function tlsOnly(bucket: string, partition: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  };
}

/** The URL under which CloudFormation reads it. */
export async function putTemplate(
  access: AwsAccess,
  bucket: string,
  object: { readonly key: string; readonly body: string; readonly account: string },
): Promise<string> {
  const { key, body, account } = object;
  await callAws('s3:PutObject', (abortSignal) =>
    access.client(S3Client).send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: 'application/json',
        ExpectedBucketOwner: account,
      }),
      { abortSignal },
    ),
  );
  // CloudFormation reads it by the bucket's own name, whatever endpoint roc itself uses.
  const { region } = access.target;
  return `https://${bucket}.s3.${region}.${awsDomain(region)}/${key}`;
}
