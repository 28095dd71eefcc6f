/** The tables as Kysely sees them. Ids are ULIDs, times are epoch milliseconds of the database, JSON is text. */
import type { Generated } from 'kysely';
import type { OnLost } from '../decide/on-lost.js';
import type { ApiKeyTable, ApiQuotaTable, ApiUsageTable } from './api-key-tables.js';
import type { AuditCheckpointTable, AuditEventTable, AuditHeadTable, JobSealTable } from './audit-tables.js';
import type { EvidenceStatementTable, EvidenceTable } from './evidence.js';
import type {
  JobEventTable,
  JobLeaseTable,
  JobLogTable,
  JobReadyTable,
  JobResultTable,
  JobScheduledTable,
  JobTable,
} from './job-tables.js';
import type { MemberTable, RoleGrantTable, RoleTable } from './member-tables.js';
import type {
  AssetGrantTable,
  AssetTable,
  EnvironmentRuleTable,
  InstallationFactTable,
  PublisherTable,
  VersionSignatureTable,
} from './proof-tables.js';
import type {
  OneTimeLinkTable,
  RecoveryCodeTable,
  SecondFactorTable,
  SignInBucketTable,
  SsoAttemptTable,
  SsoIdentityTable,
} from './sign-in-tables.js';

/** 0 or 1: neither engine has a boolean that the other reads alike. */
type Flag = 0 | 1;

export interface TenantTable {
  id: string;
  name: string;
  /** `deleted`: closed, and emptied once `purge_at` has come; `purged`: only its name is left. */
  state: Generated<'active' | 'paused' | 'deleted' | 'purged'>;
  purge_at: Generated<number | null>;
  /** Whoever has none may enrol one and nothing else. */
  needs_second_factor: Generated<Flag>;
  created_at: number;
}

export interface UserTable {
  id: string;
  email: string;
  /** Normalised and lower-cased: what is looked up and unique. */
  email_key: string;
  password_hash: string | null;
  created_at: number;
  disabled_at: number | null;
  password_reset_at: Generated<number | null>;
}

/** One sign-in with all the refresh tokens that follow from it: the row is the token family. */
export interface SessionTable {
  id: string;
  tenant_id: string;
  user_id: string;
  refresh_hash: string;
  previous_hash: string | null;
  created_at: number;
  rotated_at: number;
  expires_at: number;
  revoked_at: number | null;
  /** The latest end, where renewals do not move it. */
  ends_at: Generated<number | null>;
}

/** Projects, environments and pools: a name inside a tenant. */
export interface NamedTable {
  id: string;
  tenant_id: string;
  name: string;
  created_at: number;
}

export interface RobotTable extends NamedTable {
  project_id: string;
}

export interface RobotVersionTable {
  id: string;
  tenant_id: string;
  robot_id: string;
  version: string;
  state: 'published' | 'yanked';
  digest: string;
  sha256: string;
  size_bytes: number;
  blob_key: string;
  wrapped_key: string;
  /** JSON of {@link RobotManifest}. */
  manifest: string;
  created_by: string;
  created_at: number;
}

export interface ProcessTable extends NamedTable {
  project_id: string;
  robot_id: string;
  pool_id: string;
  priority: number;
  timeout_ms: number | null;
  max_attempts: number;
  on_lost: OnLost | null;
  /** Open only to who is granted a role on it, and to roles that see private processes. */
  is_private: Generated<Flag>;
}

export interface DeploymentTable {
  id: string;
  tenant_id: string;
  robot_id: string;
  environment_id: string;
  /** Counts the deployments of one robot in one environment; the highest is the active one. */
  seq: number;
  version_id: string;
  previous_version_id: string | null;
  kind: 'deploy' | 'rollback';
  reason: string | null;
  created_by: string;
  created_at: number;
}

export interface RunnerTable extends NamedTable {
  pool_id: string;
  sign_key: string;
  box_key: string;
  os: string;
  arch: string;
  version: string;
  /** JSON object of strings. */
  labels: string;
  slots: number;
  boot_id: string | null;
  /** Bumped by each session; a lower one is superseded. 0: never connected. */
  session_epoch: number;
  is_draining: Flag;
  last_seen_at: number | null;
}

export interface RunnerTokenTable {
  id: string;
  tenant_id: string;
  pool_id: string;
  token_hash: string;
  created_by: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

/** Ids of runner assertions already used, kept until they expire. */
export interface RunnerAssertionTable {
  runner_id: string;
  jti: string;
  expires_at: number;
}

export interface IdempotencyTable {
  tenant_id: string;
  route: string;
  idem_key: string;
  request_hash: string;
  status: number;
  /** Null where the reply carried a secret: a replay is then refused with the id. */
  body: string | null;
  resource_id: string | null;
  created_at: number;
  expires_at: number;
}

/** A server process; it writes its own row, others only `is_draining`. */
export interface NodeTable {
  id: string;
  instance_id: string | null;
  version: string;
  is_draining: Flag;
  /** JSON of what the node last said of itself. */
  load_json: string;
  started_at: number;
  last_seen_at: number;
}

export interface SchemaMigrationTable {
  version: number;
  name: string;
  applied_at: number;
  /** 1 where a roc that does not know it cannot work on this schema. */
  is_contract: Generated<Flag>;
}

export interface Schema {
  tenant: TenantTable;
  user: UserTable;
  member: MemberTable;
  role: RoleTable;
  role_grant: RoleGrantTable;
  session: SessionTable;
  one_time_link: OneTimeLinkTable;
  sign_in_bucket: SignInBucketTable;
  second_factor: SecondFactorTable;
  recovery_code: RecoveryCodeTable;
  sso_identity: SsoIdentityTable;
  sso_attempt: SsoAttemptTable;
  project: NamedTable;
  environment: NamedTable;
  pool: NamedTable;
  robot: RobotTable;
  robot_version: RobotVersionTable;
  process: ProcessTable;
  deployment: DeploymentTable;
  job: JobTable;
  job_ready: JobReadyTable;
  job_scheduled: JobScheduledTable;
  job_lease: JobLeaseTable;
  job_result: JobResultTable;
  job_event: JobEventTable;
  job_log: JobLogTable;
  runner: RunnerTable;
  runner_token: RunnerTokenTable;
  runner_assertion: RunnerAssertionTable;
  idempotency: IdempotencyTable;
  node: NodeTable;
  audit_head: AuditHeadTable;
  audit_event: AuditEventTable;
  audit_checkpoint: AuditCheckpointTable;
  job_seal: JobSealTable;
  evidence: EvidenceTable;
  evidence_statement: EvidenceStatementTable;
  api_key: ApiKeyTable;
  api_quota: ApiQuotaTable;
  api_usage: ApiUsageTable;
  installation_fact: InstallationFactTable;
  publisher: PublisherTable;
  version_signature: VersionSignatureTable;
  environment_rule: EnvironmentRuleTable;
  asset: AssetTable;
  asset_grant: AssetGrantTable;
  schema_migration: SchemaMigrationTable;
}
