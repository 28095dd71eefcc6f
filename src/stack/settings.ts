/** The configuration with everything decided: what was left out is filled in from the environment's profile. */
import type { StackConfig } from './config-shape.js';

export type Exposure = 'public' | 'allowlist' | 'internal';

export interface StackSettings {
  /** `roc-prod`: the stack's name and the beginning of every name in it. */
  readonly stackName: string;
  readonly env: 'prod' | 'staging' | 'dev';
  readonly compute: 'ec2' | 'ecs';
  readonly exposure: Exposure;
  readonly corporateCidrs: readonly string[];
  readonly vpc: StackConfig['vpc'];
  readonly egress: Omit<StackConfig['egress'], 'zones'> & { readonly zones: number };
  readonly domain: StackConfig['domain'];
  readonly tlsPolicy: string;
  readonly app: {
    readonly version: string;
    /** Null: of the stack's own repository. */
    readonly image: string | null;
    readonly instanceType: string;
    readonly min: number;
    readonly max: number;
    readonly cpu: string;
    readonly memory: number;
  };
  readonly db: {
    readonly engineVersion: string;
    readonly instanceClass: string;
    readonly storageGb: number;
    readonly multiAz: boolean;
    readonly port: number;
    readonly retentionDays: number;
  };
  readonly backup: {
    readonly dailyDays: number;
    readonly monthlyDays: number;
    readonly copyRegion: string | null;
    readonly lock: boolean;
  };
  readonly waf: Omit<StackConfig['waf'], 'mode'> & { readonly mode: 'block' | 'count' };
  readonly bastion: Omit<StackConfig['bastion'], 'database'> & { readonly database: boolean };
  readonly ops: StackConfig['ops'];
  readonly emails: readonly string[];
  readonly logDays: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** What an environment means where the configuration does not say otherwise. */
interface Profile {
  readonly zones: number;
  readonly min: number;
  readonly max: number;
  readonly db: Omit<StackSettings['db'], 'engineVersion' | 'port'>;
  readonly dailyDays: number;
  readonly monthlyDays: number;
  readonly lock: boolean;
  readonly waf: 'block' | 'count';
  readonly logDays: number;
}

const PROFILES: Readonly<Record<StackConfig['env'], Profile>> = {
  prod: {
    zones: 2,
    min: 2,
    max: 6,
    db: { instanceClass: 'db.m5.2xlarge', storageGb: 200, multiAz: true, retentionDays: 35 },
    dailyDays: 35,
    monthlyDays: 400,
    lock: true,
    waf: 'block',
    logDays: 365,
  },
  staging: {
    zones: 1,
    min: 2,
    max: 3,
    db: { instanceClass: 'db.m5.large', storageGb: 50, multiAz: true, retentionDays: 14 },
    dailyDays: 14,
    monthlyDays: 90,
    lock: false,
    waf: 'block',
    logDays: 90,
  },
  dev: {
    zones: 1,
    min: 1,
    max: 2,
    db: { instanceClass: 'db.t4g.medium', storageGb: 20, multiAz: false, retentionDays: 7 },
    dailyDays: 7,
    monthlyDays: 30,
    lock: false,
    waf: 'count',
    logDays: 30,
  },
};

/** @param version roc's own version: the tag of the image where none is named */
export function settle(config: StackConfig, version: string): StackSettings {
  const profile = PROFILES[config.env];
  const { app, db, backup, waf, bastion } = config;
  return {
    stackName: `${config.name}-${config.env}`,
    env: config.env,
    compute: config.compute,
    exposure: config.exposure ?? (config.compute === 'ecs' ? 'internal' : 'allowlist'),
    corporateCidrs: config.corporateCidrs,
    vpc: config.vpc,
    egress: { ...config.egress, zones: config.egress.zones ?? profile.zones },
    domain: config.domain,
    tlsPolicy: config.tlsPolicy,
    app: {
      version: app.version ?? version,
      image: app.image ?? null,
      instanceType: app.instanceType,
      min: app.min ?? Math.min(profile.min, app.max ?? profile.min),
      max: app.max ?? Math.max(profile.max, app.min ?? profile.max),
      cpu: app.cpu,
      memory: app.memory,
    },
    db: {
      engineVersion: db.engineVersion,
      port: db.port,
      instanceClass: db.instanceClass ?? profile.db.instanceClass,
      storageGb: db.storageGb ?? profile.db.storageGb,
      multiAz: db.multiAz ?? profile.db.multiAz,
      retentionDays: db.retentionDays ?? profile.db.retentionDays,
    },
    backup: {
      dailyDays: backup.dailyDays ?? profile.dailyDays,
      monthlyDays: backup.monthlyDays ?? profile.monthlyDays,
      copyRegion: backup.copyRegion ?? null,
      lock: backup.lock ?? profile.lock,
    },
    waf: { ...waf, mode: waf.mode ?? profile.waf },
    bastion: { ...bastion, database: bastion.database ?? config.compute === 'ec2' },
    ops: config.ops,
    emails: config.alarms.emails,
    logDays: config.logs.retentionDays ?? profile.logDays,
    tags: config.tags,
  };
}
