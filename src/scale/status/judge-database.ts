/** What is said of the database. Pure. */
import { formatDuration, isoTime } from '../../kernel/time.js';
import { classMemory, usualMaxConnections } from '../database/class.js';
import type { DatabaseFacts, StatusFacts } from './facts.js';
import { limitReasons } from './judge-servers.js';
import { FAILOVER_NEWS_MS, RESTORABLE_WITHIN_MS, STATUS_LIMITS } from './limits.js';
import { type Component, type Reason, type StatusMetric, type Verdict, worst } from './model.js';
import { doubtReason, metricOf, type Reading, readingOf } from './reading.js';

const GIB = 2 ** 30;

/** States in which it answers, though something goes on: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html */
const WORKING =
  /^(available|backing-up|configuring-.*|storage-(optimization|config-upgrade|initialization)|modifying|maintenance|upgrading|renaming|resetting-master-credentials)$/;

export function judgeDatabase(facts: StatusFacts, db: DatabaseFacts): Component {
  const read = (name: string) => readingOf(facts.series.get(`db:${name}:${db.id}`), { now: facts.now });
  const measured = measures(db, read);
  const metrics = measured.map(({ metric }) => metric);
  const reasons: Reason[] = [
    ...stateReasons(db),
    ...failoverReasons(db, facts.now),
    ...measured.flatMap(({ metric, reading, says, what }) => [
      ...says(metric),
      ...doubtReason(what, reading),
    ]),
    ...restoreReasons(db, facts.now),
    ...(db.pending.length > 0
      ? [{ verdict: 'ok' as const, text: `waits for its maintenance window: ${db.pending.join(', ')}` }]
      : []),
  ];
  return {
    id: 'database',
    verdict: worst([...metrics, ...reasons].map(({ verdict }) => verdict)),
    about: [db.id, db.class, db.status, placeOf(db)].join(' · '),
    reasons,
    metrics,
    parts: [],
  };
}

interface Measure {
  readonly metric: StatusMetric;
  readonly reading: Reading;
  readonly what: string;
  readonly says: (metric: StatusMetric) => Reason[];
}

function measures(db: DatabaseFacts, read: (name: string) => Reading): Measure[] {
  const cpu = read('cpu');
  return [
    {
      reading: cpu,
      what: 'its CPU',
      metric: metricOf('cpu', 'percent', cpu, { limit: STATUS_LIMITS.databaseCpu }),
      says: (metric) => limitReasons(metric, 'computes', '%'),
    },
    connections(db, read('connections')),
    memory(db, read('freeMemory')),
    storage(db, read('freeStorage')),
    ...(db.replicaOf === null ? [] : [replicaLag(db.replicaOf, read('replicaLag'))]),
    ...(/^db\.t\d/.test(db.class) ? [credits(read('credits'))] : []),
  ];
}

function connections(db: DatabaseFacts, reading: Reading): Measure {
  const most = db.maxConnections ?? usualMaxConnections(db.class);
  const judged = shareOf(reading.value, most);
  return {
    reading,
    what: 'its count of connections',
    metric: metricOf(
      'connections',
      'count',
      reading,
      most === null ? {} : { limit: STATUS_LIMITS.connectionShare, of: most, judged },
    ),
    says: (metric) =>
      troubled(
        metric,
        `${metric.value} of ${db.maxConnections === null ? 'about ' : ''}${most} connections are taken`,
      ),
  };
}

function memory(db: DatabaseFacts, reading: Reading): Measure {
  const all = classMemory(db.class);
  return {
    reading,
    what: 'its free memory',
    metric: metricOf(
      'freeMemory',
      'bytes',
      reading,
      all === null
        ? {}
        : { limit: STATUS_LIMITS.freeMemoryShare, of: all, judged: shareOf(reading.value, all) },
    ),
    says: (metric) => troubled(metric, `${shareOf(metric.value, all)?.toFixed(0)} % of its memory are free`),
  };
}

/** Storage that grows by itself is no emergency while it may still grow. */
function storage(db: DatabaseFacts, reading: Reading): Measure {
  const all = db.storageGb * GIB;
  const mayGrow = db.maxStorageGb !== null && db.maxStorageGb >= db.storageGb * 1.1;
  const metric = metricOf('freeStorage', 'bytes', reading, {
    limit: STATUS_LIMITS.freeStorageShare,
    of: all,
    judged: shareOf(reading.value, all),
  });
  return {
    reading,
    what: 'its free storage',
    metric: mayGrow && metric.verdict === 'bad' ? { ...metric, verdict: 'warn' } : metric,
    says: (own) =>
      troubled(
        own,
        `${shareOf(own.value, all)?.toFixed(0)} % of its ${db.storageGb} GiB of storage are free${mayGrow ? `; it grows by itself up to ${db.maxStorageGb} GiB` : ''}`,
      ),
  };
}

function replicaLag(source: string, reading: Reading): Measure {
  // RDS tells -1 where replication does not run.
  const isBroken = reading.value !== null && reading.value < 0;
  const metric = metricOf('replicaLag', 'seconds', reading, { limit: STATUS_LIMITS.replicaLagSeconds });
  return {
    reading,
    what: 'its lag',
    metric: isBroken ? { ...metric, verdict: 'bad' } : metric,
    says: (own) =>
      troubled(
        own,
        isBroken
          ? `replication from ${source} does not run`
          : `is ${own.value?.toFixed(0)} s behind ${source}`,
      ),
  };
}

function credits(reading: Reading): Measure {
  return {
    reading,
    what: 'its balance of CPU credits',
    metric: metricOf('credits', 'credits', reading),
    says: () => [],
  };
}

function stateReasons({ status, replicaOf, replication }: DatabaseFacts): Reason[] {
  const broken = replicaOf !== null && replication !== null && !/replicating/i.test(replication);
  const verdict: Verdict =
    status === 'available' ? 'ok' : WORKING.test(status) || status === 'rebooting' ? 'warn' : 'bad';
  return [
    ...(verdict === 'ok' ? [] : [{ verdict, text: `RDS says that it is ${status}` }]),
    ...(broken
      ? [{ verdict: 'bad' as const, text: `replication from ${replicaOf} says: ${replication}` }]
      : []),
  ];
}

function failoverReasons({ failovers }: DatabaseFacts, now: number): Reason[] {
  const [last] = failovers;
  if (last === undefined) return [];
  const ago = `${formatDuration(Math.max(0, now - last.at))} ago (${isoTime(last.at)})`;
  if (!last.isEnd) return [{ verdict: 'bad', text: `a failover began ${ago} and has not ended` }];
  const isNews = now - last.at < FAILOVER_NEWS_MS;
  return [{ verdict: isNews ? 'warn' : 'ok', text: `last failover ${ago}` }];
}

function restoreReasons({ latestRestorableAt, replicaOf }: DatabaseFacts, now: number): Reason[] {
  // A replica has backups only where somebody asked for them.
  if (latestRestorableAt === null)
    return replicaOf === null
      ? [{ verdict: 'warn', text: 'has no automated backups: no point in time to restore to' }]
      : [];
  const age = now - latestRestorableAt;
  if (age <= RESTORABLE_WITHIN_MS) return [];
  return [{ verdict: 'warn', text: `the newest point to restore to is ${formatDuration(age)} old` }];
}

/** `Multi-AZ eu-west-1a+b`: where it is, and where its standby is. */
function placeOf({ multiAz, zone, secondaryZone }: DatabaseFacts): string {
  if (!multiAz) return `single-AZ${zone === null ? '' : ` ${zone}`}`;
  if (zone === null) return 'Multi-AZ';
  const isSameRegion = secondaryZone?.slice(0, -1) === zone.slice(0, -1);
  return `Multi-AZ ${zone}${secondaryZone === null ? '' : `+${isSameRegion ? secondaryZone.slice(-1) : secondaryZone}`}`;
}

function troubled({ verdict }: StatusMetric, text: string): Reason[] {
  return verdict === 'warn' || verdict === 'bad' ? [{ verdict, text }] : [];
}

function shareOf(value: number | null, of: number | null): number | null {
  return value === null || of === null || of === 0 ? null : (100 * value) / of;
}
