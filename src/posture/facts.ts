/** What `roc posture check` reads of an account before it judges; each part may be unknown. */
import type { Known } from '../kernel/known.js';

export interface PostureParts {
  readonly instances: readonly InstanceFacts[];
  /** Instances that answer to Systems Manager. */
  readonly managed: readonly string[];
  /** Where Session Manager records sessions; null where nobody set preferences. */
  readonly sessions: { readonly logGroup: string | null; readonly bucket: string | null };
  readonly securityGroups: readonly SecurityGroupFacts[];
  readonly volumes: readonly { readonly id: string; readonly isEncrypted: boolean }[];
  readonly flowLogs: readonly {
    readonly vpcId: string;
    readonly isActive: boolean;
    readonly traffic: string;
  }[];
  readonly vpcs: readonly string[];
  readonly balancers: readonly BalancerFacts[];
  readonly databases: readonly DatabaseFacts[];
  /** Newest restore that AWS Backup finished; null where there is none. */
  readonly restores: { readonly newestAt: number | null };
  readonly secrets: readonly SecretFacts[];
  readonly buckets: readonly BucketFacts[];
  readonly repositories: readonly RepositoryFacts[];
  readonly registry: {
    readonly rules: readonly { readonly frequency: string; readonly filters: readonly string[] }[];
  };
  readonly logGroups: readonly {
    readonly name: string;
    readonly days: number | null;
    readonly isEncrypted: boolean;
  }[];
  readonly keys: readonly { readonly id: string; readonly rotates: boolean }[];
  readonly guardDuty: { readonly isOn: boolean };
  readonly securityHub: { readonly isOn: boolean };
  readonly inspector: { readonly off: readonly string[] };
  readonly trails: readonly TrailFacts[];
  readonly recorders: readonly {
    readonly name: string;
    readonly isRecording: boolean;
    readonly isAll: boolean;
  }[];
  readonly root: { readonly hasMfa: boolean; readonly hasKeys: boolean };
}

export type PartName = keyof PostureParts;
export type PostureFacts = { readonly [K in PartName]: Known<PostureParts[K]> };

export interface InstanceFacts {
  readonly id: string;
  readonly zone: string;
  readonly publicAddress: string | null;
  readonly keyName: string | null;
  readonly tokens: string;
  readonly securityGroups: readonly string[];
}

export interface Rule {
  /** `tcp`, `udp`, `-1` for all. */
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  /** Ranges of addresses, and the ids of prefix lists that hold some (`pl-…`). */
  readonly cidrs: readonly string[];
  readonly groups: readonly string[];
}

export interface SecurityGroupFacts {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

export interface BalancerFacts {
  readonly name: string;
  readonly isPublic: boolean;
  readonly securityGroups: readonly string[];
  readonly listeners: readonly ListenerFacts[];
  readonly attributes: Readonly<Record<string, string>>;
  /** Null where none is in front of it. */
  readonly webAcl: {
    readonly name: string;
    readonly groups: readonly string[];
    readonly counting: readonly string[];
  } | null;
}

export interface ListenerFacts {
  readonly port: number;
  readonly protocol: string;
  readonly tlsPolicy: string | null;
  /** Sends everything on to HTTPS. */
  readonly isRedirect: boolean;
}

export interface DatabaseFacts {
  readonly id: string;
  readonly isEncrypted: boolean;
  readonly isPublic: boolean;
  readonly isMultiAz: boolean;
  readonly backupDays: number;
  readonly isProtected: boolean;
  readonly hasMinorUpgrades: boolean;
  /** Clients must use TLS: what its parameter group says; null where the engine has another way. */
  readonly requiresTls: boolean | null;
  readonly securityGroups: readonly string[];
  /** A copy of another, whose own backups are optional. */
  readonly isReplica: boolean;
}

export interface SecretFacts {
  readonly name: string;
  readonly rotates: boolean;
  readonly lastChangedAt: number | null;
}

export interface BucketFacts {
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isEncrypted: boolean;
  readonly isVersioned: boolean;
  readonly refusesPlainHttp: boolean;
}

export interface RepositoryFacts {
  readonly name: string;
  readonly scansOnPush: boolean;
  readonly isImmutable: boolean;
}

export interface TrailFacts {
  readonly name: string;
  readonly isLogging: boolean;
  readonly isMultiRegion: boolean;
  readonly isValidated: boolean;
}
