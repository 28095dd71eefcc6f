/** What AWS says of restore points and databases, in the room's own words. */

/** One restore point. `id` is the snapshot's id, the recovery point's ARN, or `pitr:TIME`. */
export interface RestorePoint {
  readonly kind: 'automated' | 'manual' | 'aws-backup' | 'pitr';
  readonly id: string;
  readonly arn: string | null;
  readonly source: string;
  /** Instant of the data, epoch milliseconds. */
  readonly at: number;
  readonly status: string;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly sizeGb: number | null;
  readonly engineVersion: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** An RDS instance as RDS describes it. */
export interface DatabaseFacts {
  readonly id: string;
  readonly arn: string;
  readonly resourceId: string | null;
  readonly status: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly class: string;
  readonly storageGb: number;
  readonly storageType: string | null;
  readonly iops: number | null;
  /** The name that its certificate carries; null until RDS has made it. */
  readonly host: string | null;
  readonly port: number;
  readonly masterUser: string;
  readonly masterSecretArn: string | null;
  readonly iamAuth: boolean;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly publiclyAccessible: boolean;
  readonly multiAz: boolean;
  readonly deletionProtection: boolean;
  readonly caId: string | null;
  readonly subnetGroup: string | null;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string | null;
  readonly optionGroup: string | null;
  readonly backupRetentionDays: number;
  /** Epoch milliseconds; null without automated backups. */
  readonly latestRestorableAt: number | null;
  readonly createdAt: number | null;
  /** A change of the master password that has not been applied yet. */
  readonly passwordPending: boolean;
  readonly tags: Readonly<Record<string, string>>;
}
