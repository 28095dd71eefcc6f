/** Puts together what a decision looks at: the group, its targets and its metrics, and says what could not be read. */
import type { Log } from '../kernel/log.js';
import type { InstanceFact, Metrics, Series, Snapshot } from './decide/snapshot.js';
import { knownUntil, type ScaleState, usefulPast } from './decide/state.js';
import { faultWords } from './fault-words.js';
import type { Activity, Contenders, Group, GroupInstance } from './group/facts.js';
import type { Fleet } from './group/fleet.js';
import { isSwitchedOff } from './group/switch.js';
import type { Metering } from './metrics/metering.js';
import type { MetricSeries } from './metrics/series.js';
import type { ScalePolicy } from './policy/policy.js';
import { tellUnread, type Unread, unreadMetrics } from './unread.js';

export interface GatherParts {
  readonly fleet: Fleet;
  readonly metering: Metering;
  readonly policy: ScalePolicy;
  /** Facts that rarely change: launch times by id, credits mode, connections that the database takes. */
  readonly slowFacts: (group: Group) => Promise<SlowFacts>;
  /** Told once a look of each side fact that could not be read. */
  readonly log: Log;
}

export interface SlowFacts {
  readonly launches: ReadonlyMap<string, number>;
  readonly burst: Snapshot['facts']['burst'];
  readonly dbMaxConnections: number | null;
  readonly unread: readonly Unread[];
}

export interface Gathered {
  readonly snapshot: Snapshot;
  readonly group: Group;
  readonly contenders: Contenders;
  readonly credits: ReadonlyMap<string, number>;
}

/**
 * @throws RocError where the group or its contenders cannot be read; metrics that fail are `failed` in the snapshot,
 * and every other fact is unknown
 */
export async function gather(parts: GatherParts, state: ScaleState, now: number): Promise<Gathered> {
  const { fleet, metering, policy } = parts;
  const [group, contenders, activities] = await Promise.all([
    fleet.group(),
    fleet.contenders(),
    fleet.activities().catch(faultWords),
  ]);
  const serving = group.instances.filter(({ lifecycle }) => lifecycle === 'InService').map(({ id }) => id);
  const slow = await parts.slowFacts(group);
  const [fast, credits] = await Promise.all([
    metering.read(lookBack(policy, state, now), now),
    metering.credits(slow.burst === null ? [] : serving, now),
  ]);
  const launches = typeof activities === 'string' ? [] : activities;
  tellUnread(parts.log, [
    ...(typeof activities === 'string' ? [withoutActivities(activities)] : []),
    ...slow.unread,
    ...unreadMetrics(fast.values()),
    ...(credits.unread === null ? [] : [withoutCredits(credits.unread)]),
  ]);
  const snapshot: Snapshot = {
    group: {
      ...{ name: group.name, desired: group.desired, min: group.min, max: group.max, zones: group.zones },
      instances: group.instances.map((one) => instanceFact(one, slow.launches, credits.balances)),
    },
    metrics: metricsOf(fast),
    facts: {
      isSwitchedOff: isSwitchedOff(group),
      isRefreshing: fleet.kind === 'group' && contenders.rollout !== null,
      isDeploying: isDeploying(fleet, group, contenders),
      dbMaxConnections: slow.dbMaxConnections,
      bootMs: bootTime(launches),
      burst: slow.burst,
    },
  };
  return { snapshot, group, contenders, credits: credits.balances };
}

function withoutActivities(why: string): Unread {
  return {
    fact: 'launches of the group',
    why,
    without: 'how long a boot takes is guessed where timing.boot is auto',
  };
}

function withoutCredits(why: string): Unread {
  return { fact: 'CPU credits', why, without: 'no instance is thought richer or poorer than another' };
}

// What state knows is not read again, but for the newest buckets, which may have grown.
function lookBack(policy: ScalePolicy, state: ScaleState, now: number): number {
  const first = now - usefulPast(policy) - policy.timing.maxAge;
  return Math.max(first, knownUntil(state) - policy.timing.maxAge);
}

// An update of a CloudFormation stack suspends these while it replaces instances, and resumes them at its end.
function isDeploying(fleet: Fleet, group: Group, contenders: Contenders): boolean {
  if (fleet.kind === 'service') return contenders.rollout !== null;
  return group.suspended.some((name) => name === 'AZRebalance' || name === 'AlarmNotification');
}

function instanceFact(
  one: GroupInstance,
  launches: ReadonlyMap<string, number>,
  credits: ReadonlyMap<string, number>,
): InstanceFact {
  return {
    id: one.id,
    zone: one.zone,
    state: stateOf(one.lifecycle),
    healthy: one.isHealthy,
    launchedAt: launches.get(one.id) ?? 0,
    creditBalance: credits.get(one.id) ?? null,
    // Servers hold calls, they run no jobs: runners do.
    busyJobs: null,
    isProtected: one.isProtected,
  };
}

function stateOf(lifecycle: string): InstanceFact['state'] {
  if (lifecycle === 'InService') return 'inService';
  if (lifecycle.startsWith('Pending')) return 'pending';
  return /^(Terminat|Detach)/.test(lifecycle) ? 'leaving' : 'idle';
}

function metricsOf(series: ReadonlyMap<string, MetricSeries>): Metrics {
  const of = (id: string) => seriesOf(series.get(id));
  const database = (name: string) => seriesOf([...series].find(([id]) => id.startsWith(`db:${name}:`))?.[1]);
  return {
    demand: of('requests'),
    cpu: of('cpu'),
    healthyHosts: of('healthy'),
    unhealthyHosts: of('unhealthy'),
    dbCpu: database('cpu'),
    dbConnections: database('connections'),
  };
}

function seriesOf(series: MetricSeries | undefined): Series | null {
  if (series === undefined) return null;
  const { periodMs, points, status } = series;
  return { periodMs, points, status: status === 'forbidden' ? 'failed' : status };
}

/** The 90th percentile of the group's own launches; null before there are three. */
export function bootTime(activities: readonly Activity[]): number | null {
  const took = activities
    .filter(({ kind, status }) => kind === 'launch' && status === 'Successful')
    .flatMap(({ startedAt, endedAt }) => (endedAt === null ? [] : [endedAt - startedAt]))
    .sort((a, b) => a - b);
  return took.length < 3 ? null : (took[Math.ceil(took.length * 0.9) - 1] ?? null);
}
