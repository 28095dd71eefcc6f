/** A metric's points in time: pure operations that every reader of them shares. Times are epoch milliseconds. */

export interface MetricPoint {
  /** Start of the bucket, as CloudWatch stamps it. */
  readonly at: number;
  readonly value: number;
}

/**
 * `partial`: AWS said that points are missing, or told one instant twice with different values.
 * `failed`: AWS had a fault of its own or gave no answer. `forbidden`: the caller may not read it.
 */
export type SeriesStatus = 'complete' | 'partial' | 'failed' | 'forbidden';

export interface MetricSeries {
  readonly id: string;
  readonly periodMs: number;
  /** Oldest first, each instant once. An instant without a point is missing, which is never zero by itself. */
  readonly points: readonly MetricPoint[];
  readonly status: SeriesStatus;
  readonly messages: readonly string[];
}

/** How long after its end a bucket is still filled up; a newer one must not be judged. */
export interface Settling {
  readonly now: number;
  readonly settleMs: number;
}

/** Points whose bucket had ended `settleMs` before `now`; what is newer may still change. */
export function settledPoints(
  { points, periodMs }: Pick<MetricSeries, 'points' | 'periodMs'>,
  { now, settleMs }: Settling,
): readonly MetricPoint[] {
  return points.filter(({ at }) => at + periodMs <= now - settleMs);
}

/** Milliseconds since the end of the newest point's bucket; null where there is none. Never negative. */
export function ageOf(
  { points, periodMs }: Pick<MetricSeries, 'points' | 'periodMs'>,
  now: number,
): number | null {
  const newest = points.at(-1);
  return newest === undefined ? null : Math.max(0, now - (newest.at + periodMs));
}

/** A value for each bucket from `from` up to (not including) `to`; null where no point is. */
export function onGrid(
  { points, periodMs }: Pick<MetricSeries, 'points' | 'periodMs'>,
  { from, to }: { readonly from: number; readonly to: number },
): (number | null)[] {
  const first = floorTo(from, periodMs);
  const grid: (number | null)[] = Array.from(
    { length: Math.max(0, Math.ceil((to - first) / periodMs)) },
    () => null,
  );
  for (const { at, value } of points) {
    const index = Math.floor((at - first) / periodMs);
    if (index >= 0 && index < grid.length) grid[index] = value;
  }
  return grid;
}

/**
 * A balancer tells RequestCount only while there is traffic: a missing minute is zero where the same minute has a
 * count of healthy hosts (the balancer was there and measured), and unknown otherwise.
 */
export function zeroWhereHealthy(
  requests: readonly (number | null)[],
  healthy: readonly (number | null)[],
): (number | null)[] {
  return requests.map((value, i) => value ?? (typeof healthy[i] === 'number' ? 0 : null));
}

/**
 * Sorted, each instant once. An instant that came twice keeps what came last; how many disagreed is counted.
 * What is no number is left out and counted as `broken`.
 */
export function orderedPoints(points: readonly MetricPoint[]): {
  readonly points: readonly MetricPoint[];
  readonly conflicts: number;
  readonly broken: number;
} {
  const byInstant = new Map<number, number>();
  let [conflicts, broken] = [0, 0];
  for (const { at, value } of points) {
    if (!Number.isFinite(value) || !Number.isFinite(at)) {
      broken++;
      continue;
    }
    const before = byInstant.get(at);
    if (before !== undefined && before !== value) conflicts++;
    byInstant.set(at, value);
  }
  const ordered = [...byInstant].map(([at, value]) => ({ at, value })).sort((a, b) => a.at - b.at);
  return { points: ordered, conflicts, broken };
}

export function floorTo(ms: number, periodMs: number): number {
  return Math.floor(ms / periodMs) * periodMs;
}
