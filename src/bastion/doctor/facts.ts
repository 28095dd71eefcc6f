/** What the doctor knows when it judges. Facts only: gathered by gather.ts, judged by the checks. */

/** Something that AWS was asked for: the answer, or why there is none. */
export type Asked<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly why: string };

export interface DoctorFacts {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly target: string;
  readonly region: string;
  readonly caller: Asked<CallerFacts>;
  readonly permissions: Asked<readonly Permission[]>;
  /** From this host to AWS. */
  readonly probes: readonly Probe[];
  /** Names of the proxy variables that are set here. */
  readonly proxyVariables: readonly string[];
  /** Null: EC2 has no such instance (or it is a machine elsewhere). */
  readonly instance: Asked<InstanceFacts | null>;
  /** Null: Systems Manager has never heard of it. */
  readonly managed: Asked<ManagedFacts | null>;
  readonly connection: Asked<string>;
  readonly role: Asked<RoleFacts | null>;
  /** The role of Default Host Management Configuration, null when it is off. */
  readonly hostManagement: Asked<string | null>;
  readonly network: Asked<NetworkFacts | null>;
  readonly preferences: Asked<Preferences | null>;
  /** Null: no database was named. */
  readonly database: Asked<DatabaseFacts | null>;
  readonly recentErrors: Asked<
    readonly { readonly at: number; readonly code: string; readonly message: string }[]
  >;
  readonly activeSessions: Asked<number>;
}

export interface CallerFacts {
  readonly arn: string;
  readonly account: string;
  /** Epoch milliseconds; null for credentials that do not expire. */
  readonly expiresAt: number | null;
  /** AWS's clock minus ours, in milliseconds; null when AWS's answer carried no date. */
  readonly clockSkew: number | null;
}

export interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly isAllowed: boolean;
  /** What denies it, where AWS says: a policy, a permissions boundary, the organisation. */
  readonly deniedBy: string | null;
}

export interface Probe {
  readonly host: string;
  readonly port: number;
  /** Null when TCP and TLS both came through. */
  readonly error: string | null;
}

export interface InstanceFacts {
  readonly state: string;
  readonly subnetId: string | null;
  readonly vpcId: string | null;
  readonly privateIp: string | null;
  readonly publicIp: string | null;
  readonly securityGroupIds: readonly string[];
  readonly profileArn: string | null;
  readonly metadata: { readonly endpoint: string; readonly tokens: string; readonly hopLimit: number } | null;
}

export interface ManagedFacts {
  readonly ping: string;
  /** Epoch milliseconds. */
  readonly lastPingAt: number | null;
  readonly agentVersion: string;
  readonly platformName: string;
  readonly platformVersion: string;
}

export interface RoleFacts {
  readonly arn: string;
  readonly permissions: readonly Permission[];
}

export interface Rule {
  /** `tcp`, `-1` for all, … */
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrs: readonly string[];
  readonly groups: readonly string[];
  readonly prefixLists: readonly string[];
}

export interface SecurityGroup {
  readonly id: string;
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

export interface Endpoint {
  readonly id: string;
  /** `ssm`, `ssmmessages`, `s3`, … */
  readonly service: string;
  readonly state: string;
  readonly privateDns: boolean;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** The endpoint's policy as JSON text. */
  readonly policy: string | null;
}

export interface NetworkFacts {
  readonly vpcCidrs: readonly string[];
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  /** Null: no default route. */
  readonly defaultRoute: { readonly target: string; readonly state: string } | null;
  readonly endpoints: readonly Endpoint[];
  /** Of the instance and of the endpoints. */
  readonly securityGroups: readonly SecurityGroup[];
  readonly aclEntries: readonly AclEntry[];
}

export interface AclEntry {
  readonly number: number;
  readonly isEgress: boolean;
  readonly isAllow: boolean;
  /** `-1` all, `6` tcp. */
  readonly protocol: string;
  readonly cidr: string;
  readonly fromPort: number;
  readonly toPort: number;
}

/** The account's session preferences (document SSM-SessionManagerRunShell). */
export interface Preferences {
  readonly idleMinutes: number | null;
  readonly maxMinutes: number | null;
  readonly runAsUser: string | null;
  readonly kmsKeyId: string | null;
  /** KMS's state of that key; null when there is none or it was not found. */
  readonly kmsKeyState: string | null;
  readonly s3Bucket: string | null;
  readonly logGroup: string | null;
}

/** The status of a database that was named and that RDS does not have. */
export const ABSENT = 'absent';

export interface DatabaseFacts {
  readonly id: string;
  /** RDS's own word, or {@link ABSENT}. */
  readonly status: string;
  readonly endpoint: string;
  readonly port: number;
  readonly iamAuth: boolean;
  readonly securityGroups: readonly SecurityGroup[];
}
