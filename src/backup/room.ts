/** What every command of the room starts from: settings, policy, stack, and access to AWS. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type AwsFlags, type AwsTarget, resolveAwsTarget } from '../kernel/aws.js';
import { type Config, readSection } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { readStackFile } from '../kernel/stack-file.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';
import type { Clock } from '../kernel/time.js';
import type { OpenTunnel } from '../kernel/tunnel.js';
import { type AwsAccess, awsAccess } from './aws/clients.js';
import { createCloud } from './aws/cloud.js';
import { s3Objects } from './aws/objects.js';
import type { RocPackages } from './checks/roc.js';
import type { Cloud, Objects } from './cloud.js';
import { type LoadedPolicy, loadBackupPolicy } from './load-policy.js';
import type { RdsAsset } from './model.js';
import { bucketLock, fileLock, isLocked, type LockPlace } from './run/lock.js';
import { isRunId } from './run/names.js';
import { runFolder } from './run/run-folder.js';
import { type BackupConfig, backupConfigSchema } from './settings.js';
import type { SweepOptions } from './sweep.js';

export interface RoomOptions {
  readonly config: Config;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: AwsFlags & { readonly policy?: string | undefined };
  /** The package's own folder, where the shipped policy is. */
  readonly root: string;
  readonly version: string;
  readonly log: Log;
  /** Makes tunnels through instances; the bastion room's, handed in from outside. */
  /** Reads stored robots; the orchestrator's, handed in from outside where a command checks roc's own database. */
  readonly openPackages?: OpenPackages | undefined;
  readonly createBastion: (
    options: AwsTarget & { readonly bastion?: string | undefined; readonly log?: Log | undefined },
  ) => { readonly openTunnel: OpenTunnel };
}

export type OpenPackages = (options: {
  readonly config: Config;
  readonly env: RoomOptions['env'];
  readonly outputs: Partial<StackOutputs> | null;
}) => Promise<RocPackages | null>;

export interface Room {
  /** Null where nothing says where robots lie. */
  packages(): Promise<RocPackages | null>;
  readonly settings: BackupConfig;
  readonly policy: LoadedPolicy;
  readonly outputs: Partial<StackOutputs> | null;
  readonly aws: AwsTarget;
  readonly access: AwsAccess;
  readonly cloud: Cloud;
  /** Journals, manifests and evidence, as an absolute path. */
  readonly dir: string;
  readonly objects: Objects | null;
  readonly openTunnel: OpenTunnel;
  readonly version: string;
  readonly log: Log;
  /** Steady while the process lives: a clock that is set meanwhile bends no measured time. */
  readonly now: Clock;
}

export async function openRoom(options: RoomOptions): Promise<Room> {
  const { config, cwd, env, flags, root, version, log, createBastion, openPackages } = options;
  const settings = readSection(config, 'backup', backupConfigSchema, { policy: flags.policy });
  const base = config.file === null ? cwd : dirname(config.file);
  // A flag is read from where the person stands, the file's words from where the file is.
  const policyFile =
    flags.policy === undefined
      ? settings.policy && resolve(base, settings.policy)
      : resolve(cwd, flags.policy);
  const policy = reachedBy(await loadBackupPolicy(root, policyFile), settings.via);
  const outputs = readStackFile(config.file, cwd);
  const region = flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? outputs?.region;
  const aws = resolveAwsTarget({ ...flags, region }, env);
  const access = awsAccess(aws);
  return {
    settings,
    policy,
    outputs,
    aws,
    access,
    cloud: createCloud(access),
    dir: resolve(base, settings.dir),
    objects: settings.bucket === undefined ? null : s3Objects(access, settings.bucket, settings.prefix),
    openTunnel: createBastion({ ...aws, bastion: outputs?.bastionInstanceId ?? undefined, log }).openTunnel,
    version,
    log,
    packages: async () => (await openPackages?.({ config, env, outputs })) ?? null,
    now: steadyClock(),
  };
}

/** The way is the host's affair; the hash stays that of the policy as it was approved. */
function reachedBy(loaded: LoadedPolicy, via: BackupConfig['via']): LoadedPolicy {
  if (via === undefined) return loaded;
  const assets = loaded.policy.assets.map((asset) => {
    if (asset.type !== 'rds-mysql' || asset.connect.via === via) return asset;
    const { instance: _through, ...connect } = asset.connect;
    return { ...asset, connect: { ...connect, via } };
  });
  return { ...loaded, policy: { ...loaded.policy, assets } };
}

/** @throws RocError ROC_USAGE where neither policy nor stack names it, or it is in another region */
export function sourceOf(asset: RdsAsset, { outputs, aws }: Pick<Room, 'outputs' | 'aws'>): string {
  const id = asset.source.dbInstance ?? outputs?.dbInstanceId ?? undefined;
  if (id === undefined)
    throw new RocError('ROC_USAGE', `nothing says which database ${asset.id} is`, {
      hint: 'Write source.dbInstance in the policy, or run `roc provision apply`.',
    });
  if (asset.source.region !== undefined && asset.source.region !== aws.region)
    throw new RocError('ROC_USAGE', `${asset.id} is in ${asset.source.region}, not in ${aws.region}`, {
      hint: `Pass --region ${asset.source.region}.`,
    });
  return id;
}

/** Every database that a policy or the stack names: none of them is ever deleted. */
export function protectedSources({ policy, outputs }: Pick<Room, 'policy' | 'outputs'>): string[] {
  const named = policy.policy.assets.flatMap((asset) =>
    asset.type === 'rds-mysql' ? (asset.source.dbInstance ?? []) : [],
  );
  return [...new Set([...named, ...(outputs?.dbInstanceId ? [outputs.dbInstanceId] : [])])];
}

/**
 * PEM text of the authorities that the certificate of a database must come from.
 * @throws RocError ROC_USAGE where none is named or it holds no certificate
 */
export function authoritiesOf(
  asset: RdsAsset,
  { settings, policy }: Pick<Room, 'settings' | 'policy'>,
): string {
  const named = asset.connect.caBundle;
  const file =
    named === undefined ? settings.ca : isAbsolute(named) ? named : join(dirname(policy.file), named);
  const hint =
    'Download global-bundle.pem from truststore.pki.rds.amazonaws.com and name it as backup.ca in roc.yaml.';
  if (file === undefined)
    throw new RocError('ROC_USAGE', `no authorities are named to prove the identity of ${asset.id} by`, {
      hint,
    });
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RocError('ROC_USAGE', `${file} cannot be read`, { hint, cause });
  }
  if (text.includes('BEGIN CERTIFICATE')) return text;
  throw new RocError('ROC_USAGE', `${file} holds no certificate`, { hint });
}

/** Where the lock of a run is kept. */
export function lockPlace({ objects, dir }: Pick<Room, 'objects' | 'dir'>, run: string): LockPlace {
  return objects === null ? fileLock(join(runFolder(dir, run).path, 'lock')) : bucketLock(objects, run);
}

/** What the sweeper needs of a room. */
export function sweepOptions(room: Room): Omit<SweepOptions, 'apply' | 'signal'> {
  return {
    cloud: room.cloud,
    sources: protectedSources(room),
    isLive: async (run) => isRunId(run) && isLocked(lockPlace(room, run), Date.now()),
    now: room.now,
    ...realWorld,
    poll: room.settings.poll,
    log: room.log,
  };
}

/** What waits and chance a command has in the real world. */
export const realWorld = {
  random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
  randomBytes: (length: number) => randomBytes(length),
  sleep: async (ms: number, signal: AbortSignal) => {
    await wait(ms, undefined, { signal }).catch(() => {});
  },
};

function steadyClock(): Clock {
  const start = Date.now() - performance.now();
  return () => start + performance.now();
}
