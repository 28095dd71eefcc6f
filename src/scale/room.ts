/** What `roc scale` starts from: configuration, policy, flags and the stack's outputs as one controller. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type AwsFlags, resolveAwsTarget } from '../kernel/aws.js';
import { type Config, readSection } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { readStackFile } from '../kernel/stack-file.js';
import type { Clock } from '../kernel/time.js';
import type { Client } from '../protocol/client.js';
import { createAudit } from './audit.js';
import { type AwsAccess, awsAccess } from './aws/access.js';
import { describeDatabase } from './aws/database.js';
import { readDatabaseHistory } from './aws/database-change.js';
import { groupFleet, serviceFleet } from './aws/fleet.js';
import { describeCreditMode, describeLaunches } from './aws/instances.js';
import { createLeaseObject } from './aws/lease-object.js';
import { readMetrics } from './aws/metrics.js';
import { nativeWrites } from './aws/native.js';
import { balancerOf } from './aws/targets.js';
import type { ControllerParts } from './controller-parts.js';
import { adviceText, adviseDatabase } from './database/advice.js';
import type { Place } from './group/conflicts.js';
import type { Fleet } from './group/fleet.js';
import type { NativeWrites } from './group/native.js';
import { nodesOf } from './group/nodes.js';
import { createSlowFacts } from './group/slow-facts.js';
import { leaseKey } from './lease/key.js';
import { createLease, type Lease } from './lease/lease.js';
import { createMetering } from './metrics/metering.js';
import { balancerNames } from './metrics/names.js';
import { readingPlan, type Watched } from './metrics/watched.js';
import { loadScalePolicy } from './policy/load.js';
import { scaleSectionSchema } from './section.js';
import { type ScaleTarget, scaleTarget, type TargetFlags } from './target.js';

export interface ScaleRoomOptions {
  readonly config: Config;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: AwsFlags & TargetFlags & { readonly policy?: string | undefined };
  /** Folder of the package, where the shipped policies are. */
  readonly root: string;
  /** Null where nobody is signed in to a server. */
  readonly client: (url: string | undefined) => Promise<Client | null>;
  readonly log: Log;
  readonly now: Clock;
  readonly elapsed: Clock;
}

export interface ScaleRoom {
  readonly parts: ControllerParts;
  readonly watched: Watched;
  readonly native: NativeWrites;
  /** Null where no bucket is named: then nobody may act. */
  readonly bucket: string | null;
  /** What two weeks of the database's metrics say of its class and storage; text alone, changed by nobody here. */
  readonly databaseAdvice: () => Promise<string | null>;
}

/** @throws RocError ROC_USAGE where nothing is named, ROC_REGION_MISSING, ROC_POLICY_INVALID */
export async function openScale(options: ScaleRoomOptions): Promise<ScaleRoom> {
  const { config, cwd, env, flags, now, elapsed } = options;
  const section = readSection(config, 'scale', scaleSectionSchema, { policy: flags.policy });
  const base = config.file === null ? cwd : dirname(config.file);
  const policyFile =
    flags.policy === undefined ? section.policy && resolve(base, section.policy) : flags.policy;
  const loaded = await loadScalePolicy(options.root, policyFile);
  const outputs = readStackFile(config.file, cwd);
  const region = flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? outputs?.region;
  const access = awsAccess(resolveAwsTarget({ ...flags, region }, env));
  const target = scaleTarget(flags, loaded.policy, outputs);
  const place = placeOf(target, access.target.region);
  const watched = await watchedOf(access, target);
  const { policy } = loaded;
  const bucket = section.bucket ?? outputs?.robotsBucket ?? null;
  const key = leaseKey(section.prefix, place);
  const client = await options.client(section.server ?? outputs?.url ?? undefined);
  const parts: ControllerParts = {
    ...{ policy, loaded, place, now, log: options.log },
    fleet: fleetOf(access, target),
    metering: createMetering({
      read: (queries, window) => readMetrics(access, queries, window),
      watched,
      plan: readingPlan(policy.timing.poll),
    }),
    slowFacts: createSlowFacts({
      launches: (ids) => describeLaunches(access, ids),
      creditMode: (id) => describeCreditMode(access, id),
      database: databaseOf(access, target),
      now,
    }),
    lease: leaseOf(access, bucket, key, { ttlMs: 3 * policy.timing.poll, now, elapsed }),
    audit: createAudit(join(resolve(base, section.dir), 'audit.jsonl')),
    nodes: client === null ? null : nodesOf(client),
    // What the server on this host is told as its own machine.
    self: env['ROC_SERVER__INSTANCE_ID'] ?? null,
  };
  return {
    ...{ parts, watched, bucket, native: nativeWrites(access, place.name) },
    databaseAdvice: () => databaseAdvice(access, target, now()),
  };
}

function fleetOf(access: AwsAccess, { fleet }: ScaleTarget): Fleet {
  return fleet.kind === 'group' ? groupFleet(access, fleet.asg) : serviceFleet(access, fleet);
}

function databaseOf(access: AwsAccess, { dbInstance }: ScaleTarget) {
  return dbInstance === null ? null : () => describeDatabase(access, dbInstance);
}

async function databaseAdvice(
  access: AwsAccess,
  { dbInstance }: ScaleTarget,
  now: number,
): Promise<string | null> {
  if (dbInstance === null) return null;
  const [size, { history }] = await Promise.all([
    describeDatabase(access, dbInstance),
    readDatabaseHistory(access, dbInstance, now),
  ]);
  return adviceText(adviseDatabase(size, history));
}

function placeOf({ fleet }: ScaleTarget, region: string): Place {
  return fleet.kind === 'group'
    ? { kind: 'group', name: fleet.asg, region }
    : { kind: 'service', name: `service/${fleet.cluster}/${fleet.service}`, region };
}

async function watchedOf(access: AwsAccess, target: ScaleTarget): Promise<Watched> {
  const { fleet, targetGroupArn, dbInstance } = target;
  const arn = target.balancerArn ?? (targetGroupArn && (await balancerOf(access, targetGroupArn)));
  return {
    balancer: arn && targetGroupArn ? balancerNames(arn, targetGroupArn) : null,
    asgName: fleet.kind === 'group' ? fleet.asg : null,
    ecs: fleet.kind === 'service' ? fleet : null,
    dbInstance,
  };
}

function leaseOf(
  access: AwsAccess,
  bucket: string | null,
  key: string,
  clocks: { readonly ttlMs: number; readonly now: Clock; readonly elapsed: Clock },
): Lease {
  const id = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const object = bucket === null ? NO_OBJECT : createLeaseObject(access, { bucket, key });
  return createLease({ object, id, ...clocks });
}

const NO_OBJECT = {
  read: () => Promise.reject(withoutBucket()),
  create: () => Promise.reject(withoutBucket()),
  replace: () => Promise.reject(withoutBucket()),
};

/** @throws RocError ROC_USAGE: one that acts must be able to say so */
export function requireBucket({ bucket }: ScaleRoom): void {
  if (bucket === null) throw withoutBucket();
}

function withoutBucket(): RocError {
  return new RocError('ROC_USAGE', 'no bucket is named for the lease, without which two could act at once', {
    hint: "Set scale.bucket in roc.yaml; the stack's robotsBucket is taken where `roc provision outputs` was run.",
  });
}
