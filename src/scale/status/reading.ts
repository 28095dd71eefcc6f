/** The newest value of a series that can be believed, its age and its last hour. Pure. */
import { ageOf, type MetricSeries, onGrid, settledPoints, zeroWhereHealthy } from '../metrics/series.js';
import { type Limit, SETTLE_MS, STALE_MS, TREND_MS } from './limits.js';
import type { Reason, StatusMetric, Unit, Verdict } from './model.js';

export interface Reading {
  readonly value: number | null;
  readonly ageMs: number | null;
  readonly trend: readonly (number | null)[];
  /** Why it cannot be believed; null where it can. */
  readonly doubt: string | null;
}

export interface ReadingOptions {
  readonly now: number;
  /** A series that is told as long as the measured thing is there: with it, silence is zero. */
  readonly alive?: MetricSeries | undefined;
}

export function readingOf(series: MetricSeries | undefined, { now, alive }: ReadingOptions): Reading {
  if (series === undefined) return { value: null, ageMs: null, trend: [], doubt: 'was not read' };
  const { periodMs } = series;
  const window = { from: now - SETTLE_MS - TREND_MS, to: now - SETTLE_MS };
  const settled = { periodMs, points: settledPoints(series, { now, settleMs: SETTLE_MS }) };
  const trend = trendOf(settled, alive, window, now);
  if (series.status === 'forbidden') return { value: null, ageMs: null, trend: [], doubt: 'may not be read' };
  if (series.status === 'failed') return { value: null, ageMs: null, trend, doubt: 'could not be read' };
  const known = lastKnown(trend, window, periodMs);
  const isSilent = alive !== undefined && known !== null;
  const newest = isSilent ? known : (settled.points.at(-1) ?? null);
  if (newest === null)
    return { value: null, ageMs: null, trend, doubt: 'nobody measured it in the last hour' };
  const ageMs = ageOf({ periodMs, points: [newest] }, now);
  const isStale = (ageMs ?? 0) > SETTLE_MS + Math.max(STALE_MS, 3 * periodMs);
  const doubt = isStale
    ? 'is too old to be believed'
    : series.status === 'partial'
      ? 'is known in part only'
      : null;
  return { value: newest.value, ageMs, trend, doubt };
}

/** A reading as a metric of the answer; a limit judges it, a doubt makes it unknown. */
export function metricOf(
  name: string,
  unit: Unit,
  reading: Reading,
  {
    limit,
    of = null,
    judged = reading.value,
  }: { limit?: Limit; of?: number | null; judged?: number | null } = {},
): StatusMetric {
  return {
    name,
    value: reading.value,
    unit,
    ageSeconds: reading.ageMs === null ? null : Math.round(reading.ageMs / 1000),
    verdict: reading.doubt !== null ? 'unknown' : limit === undefined ? 'ok' : limited(judged, limit),
    of,
    trend: reading.trend,
  };
}

/** A number that was asked just now. */
export function currentMetric(
  name: string,
  unit: Unit,
  value: number | null,
  verdict: Verdict = 'ok',
  of: number | null = null,
): StatusMetric {
  return { name, value, unit, ageSeconds: value === null ? null : 0, verdict, of, trend: [] };
}

export function limited(value: number | null, { when, warn, bad }: Limit): Verdict {
  if (value === null) return 'unknown';
  const isBeyond = (limit: number) => (when === 'above' ? value > limit : value < limit);
  if (isBeyond(bad)) return 'bad';
  return isBeyond(warn) ? 'warn' : 'ok';
}

/** What a reading that cannot be believed says of itself. */
export function doubtReason(what: string, reading: Reading): Reason[] {
  return reading.doubt === null ? [] : [{ verdict: 'unknown', text: `${what} ${reading.doubt}` }];
}

function trendOf(
  settled: Pick<MetricSeries, 'points' | 'periodMs'>,
  alive: MetricSeries | undefined,
  window: { readonly from: number; readonly to: number },
  now: number,
): (number | null)[] {
  const grid = onGrid(settled, window);
  if (alive === undefined) return grid;
  const points = settledPoints(alive, { now, settleMs: SETTLE_MS });
  return zeroWhereHealthy(grid, onGrid({ periodMs: alive.periodMs, points }, window));
}

function lastKnown(
  trend: readonly (number | null)[],
  { from }: { readonly from: number },
  periodMs: number,
): { at: number; value: number } | null {
  const index = trend.findLastIndex((value) => value !== null);
  const value = trend[index];
  if (value === undefined || value === null) return null;
  return { at: Math.floor(from / periodMs) * periodMs + index * periodMs, value };
}
