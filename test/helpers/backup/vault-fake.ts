/** The calls of AWS Backup that moto lacks, checked against AWS's own model: recovery points, restore jobs, validation results. */
import { AwsFault } from '../aws-model/fake-aws.js';
import { type RestJsonFake, startRestJsonFake } from '../aws-model/rest-json-fake.js';

export interface VaultFake extends RestJsonFake {
  readonly points: {
    readonly arn: string;
    readonly snapshot: string;
    readonly at: Date;
    readonly keyArn: string;
  }[];
  /** By job, what the verifier said of it. */
  readonly validations: Map<string, { status: string; message: string }>;
}

interface Job {
  readonly point: string;
  created: string | null;
  failure: string | null;
}

/** @param restore restores a snapshot as `metadata` says, without any tag; gives the instance's ARN */
export async function startVaultFake(
  restore: (snapshot: string, metadata: Record<string, string>) => Promise<string>,
): Promise<VaultFake> {
  const points: VaultFake['points'] = [];
  const validations: VaultFake['validations'] = new Map();
  const jobs = new Map<string, Job>();
  const pointOf = (arn: unknown) => {
    const found = points.find((point) => point.arn === arn);
    if (found === undefined) throw new AwsFault('ResourceNotFoundException', `no recovery point ${arn}`, 400);
    return found;
  };
  const fake = await startRestJsonFake(['backup'], {
    'backup:ListRecoveryPointsByResource': () => ({
      RecoveryPoints: points.map(({ arn, at, keyArn }) => ({
        EncryptionKeyArn: keyArn,
        RecoveryPointArn: arn,
        CreationDate: at,
        Status: 'COMPLETED',
        BackupVaultName: 'vault',
        BackupSizeBytes: 20 * 2 ** 30,
      })),
    }),
    'backup:GetRecoveryPointRestoreMetadata': ({ RecoveryPointArn }) => ({
      BackupVaultArn: 'arn:aws:backup:us-east-1:123456789012:backup-vault:vault',
      RecoveryPointArn: pointOf(RecoveryPointArn).arn,
      RestoreMetadata: {
        DBInstanceIdentifier: 'shop-prod',
        DBSubnetGroupName: 'production',
        MultiAZ: 'true',
      },
    }),
    'backup:StartRestoreJob': (input) => {
      const id = `job-${input['IdempotencyToken'] as string}`;
      const point = pointOf(input['RecoveryPointArn']);
      if (!jobs.has(id)) {
        const job: Job = { point: point.arn, created: null, failure: null };
        jobs.set(id, job);
        restore(point.snapshot, input['Metadata'] as Record<string, string>).then(
          (arn) => {
            job.created = arn;
          },
          (error: unknown) => {
            job.failure = String(error);
          },
        );
      }
      return { RestoreJobId: id };
    },
    'backup:DescribeRestoreJob': ({ RestoreJobId }) => {
      const job = jobs.get(RestoreJobId as string);
      if (job === undefined) throw new AwsFault('ResourceNotFoundException', 'no such job', 400);
      const status = job.failure !== null ? 'FAILED' : job.created !== null ? 'COMPLETED' : 'RUNNING';
      return {
        RestoreJobId,
        RecoveryPointArn: job.point,
        Status: status,
        ...(job.failure === null ? {} : { StatusMessage: job.failure }),
        ...(job.created === null ? {} : { CreatedResourceArn: job.created }),
      };
    },
    'backup:PutRestoreValidationResult': (input) => {
      validations.set(input['RestoreJobId'] as string, {
        status: input['ValidationStatus'] as string,
        message: input['ValidationStatusMessage'] as string,
      });
      return {};
    },
  });
  return Object.assign(fake, { points, validations });
}
