/** From where on a measured value is worth a look, and from where on it is bad: one literal table. */
import { DAY, HOUR, MINUTE } from '../../kernel/time.js';

export interface Limit {
  readonly when: 'above' | 'below';
  readonly warn: number;
  readonly bad: number;
}

export const STATUS_LIMITS = {
  /** Percent of requests answered 5xx in five minutes; judged from {@link ERRORS_FROM_REQUESTS} requests on. */
  errorShare: { when: 'above', warn: 1, bad: 5 },
  p95Seconds: { when: 'above', warn: 1, bad: 3 },
  serverCpu: { when: 'above', warn: 80, bad: 95 },
  /** Credits of an instance that falls to its baseline without them. */
  credits: { when: 'below', warn: 20, bad: 1 },
  /** Credits that are paid for beyond what an unlimited instance earns. */
  surplusCredits: { when: 'above', warn: 0, bad: Number.POSITIVE_INFINITY },
  databaseCpu: { when: 'above', warn: 80, bad: 95 },
  /** Percent of the most connections. */
  connectionShare: { when: 'above', warn: 80, bad: 95 },
  /** Percent of the class's memory. A database fills its cache: little free memory is its normal state. */
  freeMemoryShare: { when: 'below', warn: 5, bad: 2 },
  /** Percent of the storage bought. */
  freeStorageShare: { when: 'below', warn: 20, bad: 10 },
  replicaLagSeconds: { when: 'above', warn: 60, bad: 600 },
  oldestQueuedSeconds: { when: 'above', warn: 600, bad: 3600 },
} as const satisfies Record<string, Limit>;

/** With fewer requests a share of errors says nothing. */
export const ERRORS_FROM_REQUESTS = 20;

/** A bucket is still filled up for so long after its end. */
export const SETTLE_MS = 2 * MINUTE;

/** Data older than its settling and so long, or three buckets, is not believed. */
export const STALE_MS = 5 * MINUTE;

/** What the trends show. */
export const TREND_MS = HOUR;

/** CloudWatch has nothing to say of an instance that is younger. */
export const NEW_INSTANCE_MS = 15 * MINUTE;

/** RDS keeps its log of transactions every five minutes. */
export const RESTORABLE_WITHIN_MS = HOUR;

/** A failover is worth a word for so long. */
export const FAILOVER_NEWS_MS = DAY;
