/** An RDS account in memory on a clock of the test's own: states take their time, faults come on demand, deletes are written down. */
import type { Cloud, RestoreRequest } from '../../../src/backup/cloud.js';
import type { DatabaseFacts, RestorePoint } from '../../../src/backup/facts.js';
import { RocError } from '../../../src/kernel/errors.js';
import { MINUTE } from '../../../src/kernel/time.js';

export interface MemoryInstance {
  facts: DatabaseFacts;
  bornAt: number;
  deletedAt: number | null;
  /** Instead of `available`. */
  end: string;
}

/** What happens to a call: nothing, an error instead of it, or an error after it had its effect. */
export type Fault = 'none' | 'throttled' | 'unreachable' | 'expired' | 'lost-reply';

export interface MemoryCloud {
  readonly cloud: Cloud;
  readonly instances: Map<string, MemoryInstance>;
  readonly groups: Map<string, Record<string, string>>;
  readonly snapshots: RestorePoint[];
  /** Each delete with the tags that the thing had then. */
  readonly deletes: { readonly id: string; readonly tags: Readonly<Record<string, string>> }[];
  readonly restores: RestoreRequest[];
  /** Asked before each call. */
  fault: (call: string) => Fault;
  /** Keys by state; a key that is not here is enabled. */
  readonly keys: Map<string, string>;
  /** What restored instances end as. */
  end: string;
  /** Thrown by restores until it is empty. */
  readonly refusals: string[];
  protect: boolean;
}

/** Minutes after birth at which an instance shows each status. */
const TIMELINE: readonly [number, string][] = [
  [0, 'creating'],
  [5, 'modifying'],
  [6, 'backing-up'],
  [8, 'available'],
];
const DELETION = 2 * MINUTE;

export function createMemoryCloud(now: () => number, region = 'us-east-1'): MemoryCloud {
  const memory: Omit<MemoryCloud, 'cloud'> = {
    instances: new Map(),
    groups: new Map(),
    snapshots: [],
    deletes: [],
    restores: [],
    fault: () => 'none',
    keys: new Map(),
    end: 'available',
    refusals: [],
    protect: false,
  };
  const world = Object.assign(memory, { cloud: undefined as unknown as Cloud });
  world.cloud = cloudOf(world, now, region);
  return world;
}

function awsError(name: string, code: RocError['code'] = 'ROC_INVALID_INPUT'): RocError {
  return new RocError(code, `${name} from the account in memory`, { details: { aws: name } });
}

export function databaseFacts(id: string, change: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return {
    id,
    arn: `arn:aws:rds:us-east-1:123456789012:db:${id}`,
    resourceId: `db-${id}`,
    status: 'available',
    engine: 'mysql',
    engineVersion: '8.0.39',
    class: 'db.t4g.medium',
    storageGb: 20,
    storageType: 'gp3',
    iops: null,
    host: `${id}.abc.us-east-1.rds.amazonaws.com`,
    port: 3306,
    masterUser: 'admin',
    masterSecretArn: null,
    iamAuth: true,
    encrypted: true,
    kmsKeyId: 'key-1',
    publiclyAccessible: false,
    multiAz: true,
    deletionProtection: true,
    caId: 'rds-ca-rsa2048-g1',
    subnetGroup: 'production',
    securityGroups: ['sg-production'],
    parameterGroup: 'shop-mysql8',
    optionGroup: 'default:mysql-8-0',
    backupRetentionDays: 35,
    latestRestorableAt: null,
    createdAt: 0,
    passwordPending: false,
    tags: {},
    ...change,
  };
}

function cloudOf(world: MemoryCloud, now: () => number, region: string): Cloud {
  async function call<T>(name: string, use: () => T): Promise<T> {
    const fault = world.fault(name);
    if (fault === 'throttled') throw awsError('Throttling', 'ROC_THROTTLED');
    if (fault === 'unreachable') throw awsError('ECONNREFUSED', 'ROC_UNREACHABLE');
    if (fault === 'expired') throw awsError('ExpiredToken', 'ROC_CREDENTIALS_MISSING');
    const value = use();
    if (fault === 'lost-reply') throw awsError('ECONNRESET', 'ROC_UNREACHABLE');
    return value;
  }
  const seen = (id: string): DatabaseFacts | null => {
    const row = world.instances.get(id);
    if (row === undefined) return null;
    if (row.deletedAt !== null && now() - row.deletedAt >= DELETION) {
      world.instances.delete(id);
      return null;
    }
    const age = (now() - row.bornAt) / MINUTE;
    const reached = TIMELINE.filter(([minute]) => age >= minute).at(-1)?.[1] ?? 'creating';
    const status = row.deletedAt === null ? (reached === 'available' ? row.end : reached) : 'deleting';
    return { ...row.facts, status, host: age >= 3 ? row.facts.host : null };
  };
  const present = (id: string): MemoryInstance => {
    const row = seen(id) === null ? undefined : world.instances.get(id);
    if (row === undefined) throw awsError('DBInstanceNotFound', 'ROC_NOT_FOUND');
    return row;
  };
  return {
    region,
    caller: () =>
      call('caller', () => ({
        account: '123456789012',
        arn: 'arn:aws:iam::123456789012:user/ana',
        clockSkewMs: 0,
      })),
    instance: (id) => call('instance', () => seen(id)),
    instances: () => call('instances', () => [...world.instances.keys()].flatMap((id) => seen(id) ?? [])),
    snapshots: (source) =>
      call('snapshots', () =>
        world.snapshots.filter((point) => source === undefined || point.source === source),
      ),
    snapshot: (id) => call('snapshot', () => world.snapshots.find((point) => point.id === id) ?? null),
    recoveryPoints: () => call('recoveryPoints', () => []),
    restoreWindow: () => call('restoreWindow', () => ({ from: now() - 86_400_000, to: now() - 5 * MINUTE })),
    subnetGroup: (name) =>
      call('subnetGroup', () => (name === 'isolated' ? { vpcId: 'vpc-1', zones: ['a', 'b'] } : null)),
    securityGroups: (ids) =>
      call('securityGroups', () => ids.map((id) => ({ id, vpcId: 'vpc-1', openToAll: id === 'sg-0bad' }))),
    parameterGroups: (prefix) =>
      call('parameterGroups', () =>
        [...world.groups].filter(([name]) => name.startsWith(prefix)).map(([name, tags]) => ({ name, tags })),
      ),
    keyState: (id) => call('keyState', () => world.keys.get(id) ?? 'Enabled'),
    isOrderable: () => call('isOrderable', () => true),
    instanceEvents: () => call('instanceEvents', () => ['an event']),
    restore: (request) =>
      call('restore', () => {
        const refusal = world.refusals.shift();
        if (refusal !== undefined) throw awsError(refusal);
        if (seen(request.id) !== null) throw awsError('DBInstanceAlreadyExists', 'ROC_CONFLICT');
        const isThere =
          request.point.kind === 'pitr' || world.snapshots.some(({ id }) => id === request.point.id);
        if (!isThere) throw awsError('DBSnapshotNotFound', 'ROC_NOT_FOUND');
        world.restores.push(request);
        const facts = databaseFacts(request.id, {
          tags: request.tags,
          deletionProtection: world.protect,
          parameterGroup: request.parameterGroup,
          class: request.class,
          createdAt: now(),
        });
        world.instances.set(request.id, { facts, bornAt: now(), deletedAt: null, end: world.end });
      }),
    startRestoreJob: () => Promise.reject(new TypeError('no AWS Backup in memory')),
    restoreJob: () => Promise.reject(new TypeError('no AWS Backup in memory')),
    putValidation: () => Promise.reject(new TypeError('no AWS Backup in memory')),
    modify: (id, change) =>
      call('modify', () => {
        const row = present(id);
        if (seen(id)?.status !== 'available' && change.masterPassword !== undefined)
          throw awsError('InvalidDBInstanceState');
        if (change.deletionProtection !== undefined)
          row.facts = { ...row.facts, deletionProtection: change.deletionProtection };
        if (change.newId !== undefined) {
          if (seen(change.newId) !== null) throw awsError('DBInstanceAlreadyExists', 'ROC_CONFLICT');
          world.instances.delete(id);
          const host = row.facts.host?.replace(id, change.newId) ?? null;
          world.instances.set(change.newId, { ...row, facts: { ...row.facts, id: change.newId, host } });
        }
      }),
    remove: (id) =>
      call('remove', () => {
        const row = world.instances.get(id);
        world.deletes.push({ id, tags: row?.facts.tags ?? {} });
        if (row === undefined || seen(id) === null) return false;
        if (row.facts.deletionProtection) throw awsError('InvalidParameterCombination');
        row.deletedAt ??= now();
        return true;
      }),
    addTags: (arn, tags) =>
      call('addTags', () => {
        const row = present(arn.split(':').at(-1) ?? '');
        row.facts = { ...row.facts, tags: { ...row.facts.tags, ...tags } };
      }),
    copyParameterGroup: (_from, to, tags) =>
      call('copyParameterGroup', () => {
        if (world.groups.has(to)) return false;
        world.groups.set(to, tags);
        return true;
      }),
    deleteParameterGroup: (name) =>
      call('deleteParameterGroup', () => {
        if ([...world.instances.keys()].some((id) => seen(id)?.parameterGroup === name))
          throw awsError('InvalidDBParameterGroupState');
        world.deletes.push({ id: name, tags: world.groups.get(name) ?? {} });
        world.groups.delete(name);
      }),
    createSnapshot: () => Promise.reject(new TypeError('not needed here')),
    iamToken: async () => 'token',
    databaseSecret: async () => ({ user: 'admin', password: 'secret' }),
    refreshCredentials: () => {},
    onRequest: () => {},
  };
}
