/** What is stored: databases, secrets, buckets, keys, and whether backups were restored. */
import { BackupClient, paginateListRestoreJobs } from '@aws-sdk/client-backup';
import { GetKeyRotationStatusCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  type DBInstance,
  paginateDescribeDBInstances,
  paginateDescribeDBParameters,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DescribeSecretCommand,
  paginateListSecrets,
  type SecretListEntry,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { awsFaultName } from '../../kernel/aws-call.js';
import { deniesPlainHttp } from '../bucket-policy.js';
import type { BucketFacts, DatabaseFacts, PostureParts, SecretFacts } from '../facts.js';
import type { AwsAccess } from './access.js';

export async function readDatabases(access: AwsAccess, vpc: string | null): Promise<DatabaseFacts[]> {
  const rows = await access.collect(
    'rds:DescribeDBInstances',
    (abortSignal) => paginateDescribeDBInstances({ client: access.client(RDSClient) }, {}, { abortSignal }),
    ({ DBInstances }) => DBInstances,
  );
  const ours = rows.filter(({ DBSubnetGroup }) => vpc === null || DBSubnetGroup?.VpcId === vpc);
  return Promise.all(
    ours.map(async (row) => ({
      id: row.DBInstanceIdentifier ?? '',
      isEncrypted: row.StorageEncrypted ?? false,
      // An answer that leaves it out is no proof that it is not.
      isPublic: row.PubliclyAccessible !== false,
      isMultiAz: row.MultiAZ ?? false,
      backupDays: row.BackupRetentionPeriod ?? 0,
      isProtected: row.DeletionProtection ?? false,
      hasMinorUpgrades: row.AutoMinorVersionUpgrade ?? false,
      requiresTls: await requiresTls(access, row),
      securityGroups: (row.VpcSecurityGroups ?? []).flatMap(
        ({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? [],
      ),
      isReplica: row.ReadReplicaSourceDBInstanceIdentifier !== undefined,
    })),
  );
}

/** By engine, the parameter that makes clients use TLS, and what it says when it does. */
const TLS_PARAMETERS: readonly { engine: RegExp; parameter: string }[] = [
  { engine: /^(mysql|mariadb|aurora-mysql)$/, parameter: 'require_secure_transport' },
  { engine: /^(postgres|aurora-postgresql|sqlserver-.*)$/, parameter: 'rds.force_ssl' },
];

async function requiresTls({ client, collect }: AwsAccess, row: DBInstance): Promise<boolean | null> {
  const wanted = TLS_PARAMETERS.find(({ engine }) => engine.test(row.Engine ?? ''))?.parameter;
  const group = row.DBParameterGroups?.[0]?.DBParameterGroupName;
  if (wanted === undefined || group === undefined) return null;
  const parameters = await collect(
    'rds:DescribeDBParameters',
    (abortSignal) =>
      paginateDescribeDBParameters(
        { client: client(RDSClient) },
        { DBParameterGroupName: group },
        { abortSignal },
      ),
    ({ Parameters }) => Parameters?.filter(({ ParameterName }) => ParameterName === wanted),
  );
  return /^(1|on|true)$/i.test(parameters[0]?.ParameterValue ?? '');
}

/** The end of the newest restore that AWS Backup finished since `since`. */
export async function readRestores(
  { client, collect }: AwsAccess,
  since: number,
): Promise<PostureParts['restores']> {
  const ends = await collect(
    'backup:ListRestoreJobs',
    (abortSignal) =>
      paginateListRestoreJobs(
        { client: client(BackupClient) },
        { ByStatus: 'COMPLETED', ByCreatedAfter: new Date(since) },
        { abortSignal },
      ),
    ({ RestoreJobs }) => RestoreJobs?.flatMap(({ CompletionDate }) => CompletionDate?.getTime() ?? []),
  );
  return { newestAt: ends.length === 0 ? null : Math.max(...ends) };
}

/** Those that are named, else all of the region that no service of AWS looks after. */
export async function readSecrets(
  { client, ask, collect }: AwsAccess,
  arns: readonly string[],
): Promise<SecretFacts[]> {
  const secrets = client(SecretsManagerClient);
  if (arns.length > 0) {
    return Promise.all(
      arns.map(async (SecretId) =>
        secretFacts(
          await ask('secretsmanager:DescribeSecret', (abortSignal) =>
            secrets.send(new DescribeSecretCommand({ SecretId }), { abortSignal }),
          ),
        ),
      ),
    );
  }
  const all = await collect(
    'secretsmanager:ListSecrets',
    (abortSignal) => paginateListSecrets({ client: secrets }, {}, { abortSignal }),
    ({ SecretList }) => SecretList,
  );
  return all.map(secretFacts);
}

function secretFacts({ Name = '', RotationEnabled = false, LastChangedDate }: SecretListEntry): SecretFacts {
  return { name: Name, rotates: RotationEnabled, lastChangedAt: LastChangedDate?.getTime() ?? null };
}

export async function readBuckets(
  { client, ask }: AwsAccess,
  names: readonly string[],
): Promise<BucketFacts[]> {
  const s3 = client(S3Client);
  return Promise.all(
    names.map(async (Bucket) => {
      const [block, encryption, versioning, policy] = await Promise.all([
        orNull(/^NoSuchPublicAccessBlockConfiguration$/, () =>
          ask('s3:GetBucketPublicAccessBlock', (abortSignal) =>
            s3.send(new GetPublicAccessBlockCommand({ Bucket }), { abortSignal }),
          ),
        ),
        orNull(/^ServerSideEncryptionConfigurationNotFoundError$/, () =>
          ask('s3:GetEncryptionConfiguration', (abortSignal) =>
            s3.send(new GetBucketEncryptionCommand({ Bucket }), { abortSignal }),
          ),
        ),
        ask('s3:GetBucketVersioning', (abortSignal) =>
          s3.send(new GetBucketVersioningCommand({ Bucket }), { abortSignal }),
        ),
        orNull(/^NoSuchBucketPolicy$/, () =>
          ask('s3:GetBucketPolicy', (abortSignal) =>
            s3.send(new GetBucketPolicyCommand({ Bucket }), { abortSignal }),
          ),
        ),
      ]);
      const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } =
        block?.PublicAccessBlockConfiguration ?? {};
      return {
        name: Bucket,
        isPrivate: [BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets].every(
          (is) => is === true,
        ),
        isEncrypted: (encryption?.ServerSideEncryptionConfiguration?.Rules ?? []).length > 0,
        isVersioned: versioning.Status === 'Enabled',
        refusesPlainHttp: deniesPlainHttp(policy?.Policy ?? '{}', Bucket),
      };
    }),
  );
}

export async function readKeys(
  { client, ask }: AwsAccess,
  ids: readonly string[],
): Promise<PostureParts['keys']> {
  return Promise.all(
    ids.map(async (KeyId) => {
      const { KeyRotationEnabled } = await ask('kms:GetKeyRotationStatus', (abortSignal) =>
        client(KMSClient).send(new GetKeyRotationStatusCommand({ KeyId }), { abortSignal }),
      );
      return { id: KeyId, rotates: KeyRotationEnabled ?? false };
    }),
  );
}

/** Null where AWS says that nothing is set. */
export async function orNull<T>(names: RegExp, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (names.test(awsFaultName(error) ?? '')) return null;
    throw error;
  }
}
