/** Demand a minute out of points of any step: held until the next point, never interpolated, gaps told. */
import { RocError } from '../../../kernel/errors.js';
import { MINUTE } from '../../../kernel/time.js';
import type { Points } from './csv.js';

export interface Series {
  readonly name: string;
  /** Epoch milliseconds of the first minute. */
  readonly startMs: number;
  /** Demand in the unit of the source, one number a minute. */
  readonly demand: Float64Array;
  /** 1 where the source says nothing and the last value was held. */
  readonly imputed: Uint8Array;
  readonly facts: SeriesFacts;
  /** What one instance carries at 100 %, in the unit of the source, where the source knows. */
  readonly capacity?: number | undefined;
  /** What the source could not tell whole, in its own words. */
  readonly notes?: readonly string[];
}

/** What was found in the source and what was done about it. */
export interface SeriesFacts {
  readonly rows: number;
  readonly stepMinutes: number;
  /** Rows whose instant another row has too (the hour that daylight saving repeats); the greater value counts. */
  readonly duplicates: number;
  readonly outOfOrder: number;
  /** Rows that are there but hold no value. */
  readonly emptyRows: number;
  readonly imputedMinutes: number;
  readonly imputedPct: number;
  readonly longestGapMinutes: number;
  /** Share of rows that are exactly zero, in percent: an idle night, or an outage that was filled with zeros. */
  readonly zeroPct: number;
}

export interface SeriesOptions {
  /** Zeros are no demand but holes: what some exporters write where a metric is missing. */
  readonly zerosAreMissing: boolean;
}

const MOST_MINUTES = 1_100_000;

/**
 * A point holds from its own minute for one step, as CloudWatch stamps a bucket by its start.
 * @throws RocError ROC_INVALID_INPUT where fewer than two points have a value, ROC_TOO_LARGE above two years
 */
export function toSeries(name: string, points: Points, options: SeriesOptions): Series {
  const kept = keptPoints(points, options);
  if (kept.rows.length < 2)
    throw new RocError('ROC_INVALID_INPUT', `${name}: ${kept.rows.length} rows with a value`, {
      hint: 'A series needs two rows or more.',
    });
  const { rows, duplicates } = withoutDuplicates(kept.rows);
  const step = stepOf(points.at);
  const first = Math.floor((rows[0]?.at ?? 0) / MINUTE);
  const minutes = Math.floor((rows.at(-1)?.at ?? 0) / MINUTE) - first + step;
  if (minutes > MOST_MINUTES)
    throw new RocError('ROC_TOO_LARGE', `${name}: ${minutes} minutes between its first and its last row`, {
      hint: 'At most two years are simulated at once; a wrong year in one row has this effect too.',
    });
  const held = hold(rows, first, minutes, step);
  return {
    name,
    startMs: first * MINUTE,
    demand: held.demand,
    imputed: held.imputed,
    facts: {
      rows: points.at.length,
      stepMinutes: step,
      duplicates,
      outOfOrder: kept.outOfOrder,
      emptyRows: kept.empty,
      imputedMinutes: held.missing,
      imputedPct: (100 * held.missing) / minutes,
      longestGapMinutes: held.longest,
      zeroPct: (100 * kept.zeros) / points.at.length,
    },
  };
}

interface Row {
  readonly at: number;
  readonly value: number;
}

function keptPoints({ at, value }: Points, { zerosAreMissing }: SeriesOptions) {
  const rows: Row[] = [];
  let empty = 0;
  let zeros = 0;
  let outOfOrder = 0;
  let latest = Number.NEGATIVE_INFINITY;
  at.forEach((instant, i) => {
    const v = value[i] ?? Number.NaN;
    if (instant < latest) outOfOrder++;
    latest = Math.max(latest, instant);
    if (v === 0) zeros++;
    if (Number.isNaN(v)) empty++;
    else if (v !== 0 || !zerosAreMissing) rows.push({ at: instant, value: v });
  });
  rows.sort((a, b) => a.at - b.at);
  return { rows, empty, zeros, outOfOrder };
}

// Of two values for one instant the greater counts: capacity planned on the smaller would miss demand that was there.
function withoutDuplicates(sorted: readonly Row[]): { rows: Row[]; duplicates: number } {
  const rows: Row[] = [];
  for (const row of sorted) {
    const last = rows.at(-1);
    if (last?.at !== row.at) rows.push(row);
    else if (row.value > last.value) rows[rows.length - 1] = row;
  }
  return { rows, duplicates: sorted.length - rows.length };
}

/** The middle of the distances, in whole minutes; rows without a value count, for they show how often there is one. */
function stepOf(at: readonly number[]): number {
  const instants = [...new Set(at)].sort((a, b) => a - b);
  const distances = instants.slice(1).map((instant, i) => instant - (instants[i] ?? 0));
  distances.sort((a, b) => a - b);
  return Math.max(1, Math.round((distances[Math.floor((distances.length - 1) / 2)] ?? MINUTE) / MINUTE));
}

function hold(rows: readonly Row[], first: number, minutes: number, step: number) {
  const demand = new Float64Array(minutes);
  const imputed = new Uint8Array(minutes);
  let longest = 0;
  let missing = 0;
  for (let i = 0; i < rows.length; ) {
    const minute = Math.floor((rows[i]?.at ?? 0) / MINUTE) - first;
    let sum = 0;
    let count = 0;
    // Several points within a minute (a step of seconds) are that minute's mean.
    for (; i < rows.length && Math.floor((rows[i]?.at ?? 0) / MINUTE) - first === minute; i++, count++)
      sum += rows[i]?.value ?? 0;
    const next = i < rows.length ? Math.floor((rows[i]?.at ?? 0) / MINUTE) - first : minutes;
    demand.fill(sum / count, minute, next);
    const gap = next - minute - step;
    if (gap <= 0) continue;
    imputed.fill(1, minute + step, next);
    missing += gap;
    longest = Math.max(longest, gap);
  }
  return { demand, imputed, longest, missing };
}
