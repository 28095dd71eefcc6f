/** How many requests a key may make now: a bucket that refills by the second, and a count by the UTC day. Pure. */
import { DAY } from '../../kernel/time.js';

export interface Quota {
  /** Requests a second, and how many may come at once. */
  readonly rps: number;
  /** Requests a UTC day; null: as many as the rate allows. */
  readonly daily: number | null;
}

export interface Bucket {
  /** Thousandths of a request. */
  readonly levelMilli: number;
  /** Epoch milliseconds. */
  readonly refilledAt: number;
  /** 20260301, UTC. */
  readonly day: number;
  readonly dayUsed: number;
}

export interface Draw {
  readonly bucket: Bucket;
  /** Requests that were given out; 0: none is free. */
  readonly granted: number;
  /** Milliseconds until one is free, where none was. */
  readonly waitMs: number;
}

/** What a key that was never used may do. */
export function fullBucket({ rps }: Quota, now: number): Bucket {
  return { levelMilli: rps * 1000, refilledAt: now, day: dayOf(now), dayUsed: 0 };
}

/**
 * Takes up to `wanted` requests out of the bucket. `unused` of an earlier draw count no longer against the day; the
 * rate does not get them back, since they may have been drawn long ago.
 */
export function draw(bucket: Bucket, quota: Quota, wanted: number, unused: number, now: number): Draw {
  const level = refill(bucket, quota, now);
  const day = dayOf(now);
  const dayUsed = day === bucket.day ? Math.max(0, bucket.dayUsed - unused) : 0;
  const leftToday = quota.daily === null ? Number.POSITIVE_INFINITY : Math.max(0, quota.daily - dayUsed);
  const granted = Math.max(0, Math.min(wanted, Math.floor(level / 1000), leftToday));
  const waitMs = granted > 0 ? 0 : leftToday === 0 ? untilTomorrow(now) : untilOne(level, quota);
  const refilledAt = Math.max(now, bucket.refilledAt);
  return {
    bucket: { levelMilli: level - granted * 1000, refilledAt, day, dayUsed: dayUsed + granted },
    granted,
    waitMs,
  };
}

/** How many a node takes at once: a tenth of a second's, so that many nodes overshoot by little. */
export function chunkOf({ rps }: Quota): number {
  return Math.max(1, Math.ceil(rps / 10));
}

/** A UTC day as a number that sorts: 20260301. */
export function dayOf(ms: number): number {
  return Number(new Date(ms).toISOString().slice(0, 10).replaceAll('-', ''));
}

function refill({ levelMilli, refilledAt }: Bucket, { rps }: Quota, now: number): number {
  // A clock that was set back refills nothing.
  const elapsedMs = Math.max(0, now - refilledAt);
  return Math.min(rps * 1000, levelMilli + elapsedMs * rps);
}

function untilOne(levelMilli: number, { rps }: Quota): number {
  return Math.max(1, Math.ceil((1000 - levelMilli) / rps));
}

function untilTomorrow(now: number): number {
  return DAY - (now % DAY);
}
