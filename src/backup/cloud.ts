/** What the room asks of AWS, as one port: the verbs are written against it, and the in-memory account of the tests is one. */
import type { DatabaseFacts, RestorePoint } from './facts.js';
import type { Verdict } from './results.js';

export interface Cloud {
  readonly region: string;
  caller(): Promise<Caller>;
  instance(id: string): Promise<DatabaseFacts | null>;
  instances(): Promise<DatabaseFacts[]>;
  /** Automated and manual snapshots of a source; of every source where none is named. */
  snapshots(source?: string): Promise<RestorePoint[]>;
  snapshot(id: string): Promise<RestorePoint | null>;
  /** Recovery points of AWS Backup. */
  recoveryPoints(source: { readonly id: string; readonly arn: string }): Promise<RestorePoint[]>;
  restoreWindow(source: string): Promise<{ from: number; to: number } | null>;
  subnetGroup(name: string): Promise<{ vpcId: string | null; zones: readonly string[] } | null>;
  securityGroups(ids: readonly string[]): Promise<SecurityGroup[]>;
  parameterGroups(prefix: string): Promise<{ name: string; tags: Readonly<Record<string, string>> }[]>;
  keyState(keyId: string): Promise<string | null>;
  isOrderable(wanted: { engine: string; engineVersion: string; class: string }): Promise<boolean>;
  instanceEvents(id: string, since: number): Promise<string[]>;

  /** From a snapshot or to a point in time. @throws RocError with `details.aws` */
  restore(request: RestoreRequest): Promise<void>;
  /** From a recovery point of AWS Backup. @returns the job's id */
  startRestoreJob(
    request: RestoreRequest,
    job: { vault: string; role: string; token: string },
  ): Promise<string>;
  restoreJob(id: string): Promise<RestoreJob>;
  putValidation(job: string, verdict: Verdict, message: string): Promise<void>;
  modify(id: string, change: InstanceChange): Promise<void>;
  /** False where it is gone already. */
  remove(id: string): Promise<boolean>;
  addTags(arn: string, tags: Readonly<Record<string, string>>): Promise<void>;
  copyParameterGroup(from: string, to: string, tags: Readonly<Record<string, string>>): Promise<boolean>;
  deleteParameterGroup(name: string): Promise<void>;
  createSnapshot(source: string, id: string, tags: Readonly<Record<string, string>>): Promise<RestorePoint>;
  iamToken(host: string, port: number, user: string): Promise<string>;
  databaseSecret(id: string): Promise<{ user: string; password: string }>;

  /** Reads the credentials anew with the next call. */
  refreshCredentials(): void;
  /** Told each call that AWS answered. */
  onRequest(listener: (call: string, requestId: string) => void): void;
}

export interface Caller {
  readonly account: string;
  readonly arn: string;
  /** How far AWS's clock is from this host's; 0 within five minutes. */
  readonly clockSkewMs: number;
}

export interface SecurityGroup {
  readonly id: string;
  readonly vpcId: string | null;
  readonly openToAll: boolean;
}

/** Everything that a restored instance is told; nothing is left to AWS's defaults. */
export interface RestoreRequest {
  readonly id: string;
  readonly point: RestorePoint;
  readonly class: string;
  readonly port: number;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string | null;
  readonly optionGroup: string | null;
  readonly caId: string | null;
  readonly storageType: string | null;
  readonly multiAz: boolean;
  readonly deletionProtection: boolean;
  readonly backupRetentionDays: number;
  readonly iamAuth: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RestoreJob {
  /** `PENDING`, `RUNNING`, `COMPLETED`, `ABORTED`, `FAILED`. */
  readonly status: string;
  readonly message: string | null;
  readonly createdArn: string | null;
}

export interface InstanceChange {
  readonly masterPassword?: string;
  readonly deletionProtection?: boolean;
  readonly newId?: string;
}

/** A bucket, as far as locks and copies of journals need one. */
export interface Objects {
  read(key: string): Promise<{ text: string; etag: string } | null>;
  /** @returns the new etag; null where the condition does not hold */
  write(key: string, text: string, condition?: 'absent' | { readonly etag: string }): Promise<string | null>;
  remove(key: string): Promise<void>;
  list(folder: string): Promise<string[]>;
}
