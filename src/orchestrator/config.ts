/** The `server` section of roc.yaml, which flags and ROC_SERVER__* variables override. */
import { isIP } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { RocError } from '../kernel/errors.js';
import { type BlobsPlace, blobsPlace } from './blobs/blobs-place.js';
import { type KmsPlace, kmsPlace } from './kms/kms-place.js';
import { oidcSettingsSchema } from './sso/settings.js';

/** A job takes about five requests: a hundred jobs a second on one host. */
export const DEFAULT_RUNNER_RPS = 500;

export const serverConfigSchema = z.strictObject({
  listen: z.string().default('127.0.0.1:7070').describe('HOST:PORT; port 0 takes a free one'),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('how others reach this server, where that is not the address it listens on'),
  dataDir: z.string().min(1).default('.roc').describe('folder of an embedded server'),
  database: z
    .string()
    .optional()
    .describe('sqlite:PATH or mysql://user@host/database; DATA_DIR/roc.db by default'),
  blobs: z
    .string()
    .optional()
    .describe('file:PATH (packages lie in PATH/blobs) or s3://BUCKET/PREFIX; DATA_DIR by default'),
  download: z
    .enum(['direct', 'proxied'])
    .default('direct')
    .describe('how runners get packages that lie in S3: straight from there, or through this server'),
  kms: z.string().optional().describe('local:PATH or aws-kms:KEY_ARN; DATA_DIR/keys/master.key by default'),
  formerKms: z
    .array(z.string())
    .default([])
    .describe('master keys that were used before, until `roc kms rewrap` has moved what they wrapped'),
  signingKeys: z
    .string()
    .optional()
    .describe(
      'file:PATH or secretsmanager:ARN, the same on every node; DATA_DIR/keys/signing.json by default',
    ),
  tlsCert: z.string().optional().describe('certificate chain (PEM)'),
  tlsKey: z.string().optional().describe('key of the certificate (PEM)'),
  instanceId: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'expected an instance id such as i-0123456789abcdef0')
    .optional()
    .describe('the machine that this node runs on, as `roc scale` knows it'),
  embeddedMetrics: z
    .boolean()
    .default(false)
    .describe('write metrics into the log each minute, in the format that CloudWatch Logs reads'),
  withRunner: z.boolean().default(false).describe('start a runner beside the server'),
  oidc: oidcSettingsSchema
    .optional()
    .describe('an identity provider that people sign in through: roc login --sso'),
  smtp: z
    .strictObject({
      url: z.url({ protocol: /^smtps?$/ }).describe('smtp://[user@]host[:port] (STARTTLS) or smtps://…'),
      from: z.string().min(3).describe('who letters are from, such as roc <roc@example.com>'),
      password: z.string().min(1).optional().describe('better in ROC_SERVER__SMTP__PASSWORD'),
    })
    .optional()
    .describe('the mail server that invitations and recovery links go through'),
  trustedProxies: z
    .array(z.string().refine(isNetwork, 'expected an address or a network, such as 10.0.0.0/8'))
    .default([])
    .describe('addresses or networks of proxies whose X-Forwarded-For is believed'),
  metricsToken: z
    .string()
    .min(16)
    .max(256)
    .optional()
    .describe('bearer token that opens /metrics; best in ROC_SERVER__METRICS_TOKEN'),
  metricsAllow: z
    .array(z.string().refine(isNetwork, 'expected an address or a network, such as 10.0.0.0/8'))
    .default([])
    .describe('addresses or networks that /metrics is open to; without a token this host is, too'),
  securityContact: z
    .string()
    .regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/, 'expected mailto:ADDRESS or https://PAGE')
    .optional()
    .describe('where faults of this installation are reported to: /.well-known/security.txt'),
  runnerRps: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(DEFAULT_RUNNER_RPS)
    .describe('requests a second that one runner may make of this node; five seconds of them at once'),
  retention: z
    .strictObject({
      jobLogDays: days(30).describe('log lines of ended jobs'),
      jobDays: days(365).describe('ended jobs with their history, whose digest the audit chain keeps'),
      evidenceDays: days(null).describe('evidence that checks have published'),
      auditDays: days(null).describe('audit events, up to a signed checkpoint'),
    })
    .prefault({})
    .describe('days that things are kept; null keeps them for ever'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  stopWithinSeconds: z
    .number()
    .int()
    .min(1)
    .max(600)
    .default(25)
    .describe('how long requests in flight may take to end when the server stops'),
});

function days(otherwise: number | null) {
  return z.number().int().min(1).max(36_500).nullable().default(otherwise);
}

export type ServerConfig = z.output<typeof serverConfigSchema>;

export interface Places {
  readonly database: string;
  readonly blobs: BlobsPlace;
  readonly kms: KmsPlace;
  readonly formerKms: readonly KmsPlace[];
  /** A path, or `secretsmanager:ARN`. */
  readonly signingKeys: string;
  /** A file of this node's own, out of reach of who can write to database and blobs. */
  readonly auditCheckpoints?: string;
}

/** Where everything lies, defaults filled in. @throws RocError ROC_CONFIG_INVALID for a kind of place that is not known */
export function placesOf(config: ServerConfig): Places {
  const inDataDir = (...parts: string[]) => join(config.dataDir, ...parts);
  return {
    database: config.database ?? `sqlite:${inDataDir('roc.db')}`,
    blobs: blobsPlace(config.blobs, config.dataDir),
    kms: kmsPlace(config.kms ?? `local:${inDataDir('keys', 'master.key')}`),
    formerKms: config.formerKms.map(kmsPlace),
    auditCheckpoints: inDataDir('keys', 'audit-checkpoints.json'),
    signingKeys: config.signingKeys?.startsWith('secretsmanager:')
      ? config.signingKeys
      : (pathOfUrl('signing-keys', 'file', config.signingKeys) ?? inDataDir('keys', 'signing.json')),
  };
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `127.0.0.1:7070`, `[::1]:7070`, `localhost:0`. @throws RocError ROC_CONFIG_INVALID */
export function parseListen(text: string): ListenAddress {
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new RocError('ROC_CONFIG_INVALID', `server.listen: "${text}" is not HOST:PORT`, {
      hint: 'Write 127.0.0.1:7070, 0.0.0.0:7070 or [::1]:7070.',
    });
  }
  return { host, port };
}

/** Whether only this machine can connect. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** The URL of a listening address that a program on this machine can use. */
export function urlOf({ host, port }: ListenAddress, isTls: boolean): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${isTls ? 'https' : 'http'}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '0', ...rest] = text.split('/');
  const most = isIP(address) === 4 ? 32 : 128;
  return isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most && rest.length === 0;
}

function pathOfUrl(name: string, kind: string, url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  if (url.startsWith(`${kind}:`) && url.length > kind.length + 1) return url.slice(kind.length + 1);
  throw new RocError('ROC_CONFIG_INVALID', `server.${name}: "${url.split(':', 1)[0]}:" is not taken`, {
    hint: `Write ${kind}:PATH.`,
  });
}

/** Flags of a command as keys of the section: `data-dir` is `dataDir`; what was not given stays out. */
export function serverFlags(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = Object.keys(serverConfigSchema.shape);
  const named = Object.entries(flags).map(
    ([name, value]) =>
      [name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()), value] as const,
  );
  return Object.fromEntries(named.filter(([name, value]) => known.includes(name) && value !== undefined));
}
