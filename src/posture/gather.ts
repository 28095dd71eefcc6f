/** Reads all that the controls need, at once; a part that may not be read is unknown and stops nothing else. */
import { attempt, type Known } from '../kernel/known.js';
import { DAY } from '../kernel/time.js';
import type { AwsAccess } from './aws/access.js';
import { readBuckets, readDatabases, readKeys, readRestores, readSecrets } from './aws/data.js';
import { readBalancers } from './aws/edge.js';
import {
  readFlowLogs,
  readInstances,
  readManaged,
  readSecurityGroups,
  readSessions,
  readVolumes,
  readVpcs,
} from './aws/servers.js';
import {
  readGuardDuty,
  readInspector,
  readLogGroups,
  readRecorders,
  readRegistry,
  readRepositories,
  readRoot,
  readSecurityHub,
  readTrails,
} from './aws/watching.js';
import type { PartName, PostureFacts, PostureParts } from './facts.js';

/** What is looked at: one VPC and what belongs to it, or a whole region. */
export interface PostureScope {
  readonly vpc: string | null;
  readonly secrets: readonly string[];
  readonly buckets: readonly string[];
  readonly keys: readonly string[];
  /** Null: every log group of the region. */
  readonly logGroups: readonly string[] | null;
}

export interface GatherOptions {
  readonly access: AwsAccess;
  readonly account: string;
  readonly scope: PostureScope;
  readonly now: number;
  /** When `roc backup verify` of a database there last passed, as the server keeps it; null where it keeps none or was not asked. */
  readonly verifiedAt: VerifiedAt;
}

export type VerifiedAt = (place: {
  readonly account: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly now: number;
}) => Promise<number | null>;

/** Restores are looked for so far back. */
const RESTORES_BACK = 366 * DAY;

/** @throws RocError ROC_CREDENTIALS_MISSING or ROC_INTERRUPTED; all else becomes an unknown part */
export async function gatherPosture(options: GatherOptions): Promise<PostureFacts> {
  const { access, scope, now } = options;
  const instances = attempt(() => readInstances(access, scope.vpc));
  const readers: { readonly [K in PartName]: () => Promise<Known<PostureParts[K]>> } = {
    instances: () => instances,
    volumes: async () => {
      const of = await instances;
      if (scope.vpc !== null && 'unknown' in of) return of;
      const ids = scope.vpc === null || 'unknown' in of ? null : of.value.map(({ id }) => id);
      return attempt(() => readVolumes(access, ids));
    },
    managed: () => attempt(() => readManaged(access)),
    sessions: () => attempt(() => readSessions(access)),
    securityGroups: () => attempt(() => readSecurityGroups(access, scope.vpc)),
    flowLogs: () => attempt(() => readFlowLogs(access)),
    vpcs: () => attempt(() => readVpcs(access, scope.vpc)),
    balancers: () => attempt(() => readBalancers(access, scope.vpc)),
    databases: () => attempt(() => readDatabases(access, scope.vpc)),
    restores: () => restoresOf(options, now - RESTORES_BACK),
    secrets: () => attempt(() => readSecrets(access, scope.secrets)),
    buckets: () => attempt(() => readBuckets(access, scope.buckets)),
    keys: () => attempt(() => readKeys(access, scope.keys)),
    repositories: () => attempt(() => readRepositories(access)),
    registry: () => attempt(() => readRegistry(access)),
    logGroups: () => attempt(() => readLogGroups(access, scope.logGroups)),
    guardDuty: () => attempt(() => readGuardDuty(access)),
    securityHub: () => attempt(() => readSecurityHub(access)),
    inspector: () => attempt(() => readInspector(access)),
    trails: () => attempt(() => readTrails(access)),
    recorders: () => attempt(() => readRecorders(access)),
    root: () => attempt(() => readRoot(access)),
  };
  const parts = await Promise.all(Object.entries(readers).map(async ([name, read]) => [name, await read()]));
  return Object.fromEntries(parts) as PostureFacts;
}

/** The newer of what AWS Backup restored and what the server has as evidence; one that is known is enough. */
async function restoresOf(
  { access, account, now, verifiedAt }: GatherOptions,
  since: number,
): Promise<Known<PostureParts['restores']>> {
  const { region } = access.target;
  const [byAws, byRoc] = await Promise.all([
    attempt(() => readRestores(access, since)),
    verifiedAt({ account, region, now }),
  ]);
  if ('unknown' in byAws) return byRoc === null ? byAws : { value: { newestAt: byRoc } };
  const newest = Math.max(byAws.value.newestAt ?? 0, byRoc ?? 0);
  return { value: { newestAt: newest === 0 ? null : newest } };
}
