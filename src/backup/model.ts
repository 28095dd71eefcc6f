/** The nouns of the backup room and the schema of its policy; every key is literal and an unknown one is an error. */
import { z } from 'zod';
import { duration } from './duration.js';
import { checkAssets } from './policy-rules.js';

const name = z.string().min(1).max(255);
const glob = z.string().regex(/^[\w$*?.-]{1,200}$/, 'expected a table name, with * and ? as wildcards');
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected lower-case letters, digits and hyphens');
const date = z.iso.date();

const retention = z.strictObject({
  min: duration.describe('the oldest point must be at least this old'),
  copies: z
    .array(z.strictObject({ region: name, min: duration }))
    .default([])
    .describe('regions that must hold copies, and for how long'),
  lock: z.enum(['required', 'optional']).default('optional').describe('vault lock or object lock'),
});

const target = z.strictObject({
  subnetGroup: name.optional().describe("isolated subnets; the stack's restoreSubnetGroup by default"),
  securityGroups: z
    .array(z.string().regex(/^sg-[0-9a-f]+$/, 'expected sg-…'))
    .min(1)
    .optional()
    .describe("lets in only the verifier; the stack's restoreSecurityGroupId by default"),
  parameterGroup: z
    .union([z.literal('copy'), z.literal('source'), name])
    .default('copy')
    .describe("copy of the source's group, the source's own, or a group by name"),
  optionGroup: name.optional(),
  class: z.union([z.literal('same'), z.string().regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/)]).default('same'),
  fallbackClass: z
    .string()
    .regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/)
    .optional()
    .describe('tried once where AWS has no capacity for the class'),
  multiAz: z.boolean().default(false),
  ttl: duration.prefault('8h').describe('after this the sweeper may take the copy away'),
  maxCostUsd: z.number().positive().describe('a drill that would cost more is refused'),
});

const connect = z.strictObject({
  via: z.enum(['ssm-tunnel', 'direct']).default('ssm-tunnel'),
  instance: name.optional().describe("instance that the tunnel goes through; the stack's bastion by default"),
  auth: z
    .enum(['password', 'iam'])
    .default('password')
    .describe('a random password of one run for the master user, or a token for a user in the data'),
  user: name.optional().describe('database user; needed with iam'),
  caBundle: name.optional().describe('PEM file of the authorities of RDS, from the policy file on'),
  source: z
    .strictObject({
      secret: name.optional(),
      user: name.optional(),
      auth: z.enum(['secret', 'iam']).default('secret'),
    })
    .prefault({})
    .describe('how manifests are taken from the live database; read only'),
});

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const sqlCheck = z.strictObject({
  id,
  query: z.string().min(8).max(10_000),
  /** Column to expected value of the only row. */
  expect: z
    .record(z.string(), scalar)
    .refine((value) => Object.keys(value).length > 0, 'expected at least one column'),
  timeout: duration.prefault('5m'),
  critical: z.boolean().default(true),
});

export const TABLE_MODES = ['exact', 'append-only', 'mutable', 'sampled'] as const;

const tables = z.strictObject({
  default: z.enum(TABLE_MODES).default('sampled'),
  exact: z.array(glob).default([]).describe('every chunk as in the manifest'),
  appendOnly: z.array(glob).default([]).describe('chunks below the watermark as in the manifest'),
  mutable: z.array(glob).default([]).describe('count within the tolerance; never called identical'),
  sampled: z.array(glob).default([]).describe('chunks drawn after the restore'),
  exclude: z.array(z.strictObject({ name: glob, reason: z.string().min(3).max(500) })).default([]),
  critical: z.array(glob).default([]).describe('part of the critical checks, whose end is the RTO'),
  chunkRows: z.int().min(100).max(10_000_000).default(100_000),
  sampleChunks: z.int().min(1).max(100_000).default(300),
  tolerancePct: z.number().min(0).max(100).default(5).describe('of the row count of mutable tables'),
  connections: z.int().min(1).max(32).default(2),
});

export const SECURITY_CHECKS = [
  'storage-encrypted',
  'kms-key-matches',
  'tls-required',
  'not-public',
] as const;

const rdsChecks = z.strictObject({
  manifest: z.enum(['required', 'optional']).default('required'),
  schema: z.enum(['exact', 'off']).default('exact'),
  databases: z
    .array(name)
    .default([])
    .describe("schemas to check; every one that is not the server's own by default"),
  tables: tables.prefault({}),
  heartbeat: z
    .strictObject({ table: name, column: name.default('at'), maxLag: duration })
    .optional()
    .describe('a row that a job touches; how old it is in the copy is the RPO that counts'),
  sql: z.array(sqlCheck).default([]),
  security: z.array(z.enum(SECURITY_CHECKS)).default([...SECURITY_CHECKS]),
  roc: z
    .strictObject({
      database: name.default('roc'),
      auditChain: z.boolean().default(true),
      robots: z.int().min(0).max(100).default(3),
      auditKeys: z
        .array(name)
        .default([])
        .describe(
          'PEM files of the public keys of audit checkpoints (`roc audit key`), from the policy file on',
        ),
    })
    .optional()
    .describe("roc's own database: audit chain, and so many robots fetched and decrypted"),
});

const rdsAsset = z.strictObject({
  id,
  type: z.literal('rds-mysql'),
  source: z
    .strictObject({
      dbInstance: name.optional().describe("the stack's dbInstanceId by default"),
      accountId: z
        .string()
        .regex(/^\d{12}$/)
        .optional(),
      region: name.optional(),
    })
    .prefault({}),
  rpo: duration.describe('most data that may be lost, as time'),
  rto: duration.describe('from the request to the last critical check'),
  retention,
  testEvery: duration,
  target,
  connect: connect.prefault({}),
  vault: name
    .optional()
    .describe("AWS Backup vault to look for points in; the stack's backupVault by default"),
  restoreRole: z.string().startsWith('arn:').optional().describe('role that AWS Backup restores with'),
  checks: rdsChecks.prefault({}),
});

const s3Asset = z.strictObject({
  id,
  type: z.literal('s3'),
  bucket: name.optional().describe("the stack's robotsBucket by default"),
  prefix: z.string().max(1024).default(''),
  region: name.optional(),
  rpo: duration,
  retention,
  testEvery: duration,
  replica: z
    .strictObject({ bucket: name, region: name })
    .optional()
    .describe('read to prove the replication'),
  checks: z
    .strictObject({
      manifest: z.enum(['required', 'optional']).default('required'),
      samplePct: z.number().positive().max(100).default(5),
      fullUpTo: z
        .int()
        .nonnegative()
        .default(10 * 2 ** 30)
        .describe('bytes up to which every object is read'),
      restoreTo: name.optional().describe('bucket that the sample is copied to and removed from'),
    })
    .prefault({}),
});

export const CONFIG_SOURCES = ['ssm', 'rds-parameter-groups', 'iam-roles', 'files'] as const;

const configAsset = z.strictObject({
  id,
  type: z.literal('config'),
  testEvery: duration,
  rpo: duration.prefault('24h'),
  include: z
    .array(
      z.discriminatedUnion('source', [
        z.strictObject({ source: z.literal('ssm'), path: z.string().startsWith('/') }),
        z.strictObject({ source: z.literal('rds-parameter-groups'), names: z.array(name).default([]) }),
        z.strictObject({ source: z.literal('iam-roles'), prefix: name }),
        z.strictObject({ source: z.literal('files'), paths: z.array(name).min(1) }),
      ]),
    )
    .min(1),
  encryptTo: name.describe('aws-kms:KEY or local:FILE'),
  store: name.describe('folder or s3://bucket/prefix that holds the exports'),
});

export const assetSchema = z.discriminatedUnion('type', [rdsAsset, s3Asset, configAsset]);

/** `policies/backup.yaml`. */
export const backupPolicySchema = z
  .strictObject({
    version: z.literal(1),
    policy: z.strictObject({
      id: name,
      approvedBy: name.optional(),
      approvedOn: date.optional(),
      reviewBy: date.optional(),
    }),
    assets: z.array(assetSchema).min(1),
  })
  .superRefine(checkAssets);

export type BackupPolicy = z.output<typeof backupPolicySchema>;
export type Asset = z.output<typeof assetSchema>;
export type RdsAsset = z.output<typeof rdsAsset>;
export type S3Asset = z.output<typeof s3Asset>;
export type ConfigAsset = z.output<typeof configAsset>;
export type SecurityCheck = (typeof SECURITY_CHECKS)[number];
