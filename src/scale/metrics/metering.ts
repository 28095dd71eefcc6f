/** Reads a controller's metrics no more often than CloudWatch has something new, and counts what it cost. */
import { faultWords } from '../fault-words.js';
import type { MetricQuery } from './names.js';
import type { MetricSeries } from './series.js';
import { fastQueries, type ReadingPlan, slowQueries, type Watched } from './watched.js';

export type ReadMetrics = (
  queries: readonly MetricQuery[],
  window: { readonly from: number; readonly to: number; readonly now: number },
) => Promise<{
  readonly series: ReadonlyMap<string, MetricSeries>;
  readonly cost: { readonly metrics: number };
}>;

export interface Metering {
  /** Points from `from` on; a reading that fails is one of series that failed. */
  read(from: number, now: number): Promise<ReadonlyMap<string, MetricSeries>>;
  /** Newest CPU credit balance of each of these burstable instances that tells one. */
  credits(ids: readonly string[], now: number): Promise<Credits>;
  /** Metrics requested so far, as AWS counts them. */
  requested(): number;
}

export interface Credits {
  readonly balances: ReadonlyMap<string, number>;
  /** Why they could not be read; null where they could. */
  readonly unread: string | null;
}

export interface MeteringOptions {
  readonly read: ReadMetrics;
  readonly watched: Watched;
  readonly plan: ReadingPlan;
}

/** Buckets of credits are five minutes long, and told late. */
const CREDITS_BACK = 20 * 60_000;

export function createMetering({ read, watched, plan }: MeteringOptions): Metering {
  const queries = fastQueries(watched);
  let fast: {
    readonly at: number;
    readonly from: number;
    readonly series: ReadonlyMap<string, MetricSeries>;
  } | null = null;
  let slow: {
    readonly at: number;
    readonly ids: string;
    readonly balances: ReadonlyMap<string, number>;
  } | null = null;
  let metrics = 0;
  return {
    requested: () => metrics,
    async read(from, now) {
      // A poll that is faster than CloudWatch sees the same numbers again, for nothing.
      if (fast !== null && now - fast.at < plan.fastMs - plan.earlyMs && fast.from <= from)
        return fast.series;
      const answer = await read(queries, { from, to: now, now }).catch(faultWords);
      if (typeof answer === 'string') return failed(queries, answer);
      metrics += answer.cost.metrics;
      fast = { at: now, from, series: answer.series };
      return answer.series;
    },
    async credits(ids, now) {
      if (ids.length === 0) return { balances: new Map(), unread: null };
      const key = ids.join();
      if (slow !== null && now - slow.at < plan.slowMs - plan.earlyMs && slow.ids === key)
        return { balances: slow.balances, unread: null };
      const answer = await read(slowQueries(ids), { from: now - CREDITS_BACK, to: now, now }).catch(
        faultWords,
      );
      if (typeof answer === 'string') return { balances: new Map(), unread: answer };
      metrics += answer.cost.metrics;
      const balances = new Map(
        ids.flatMap((id) => {
          const value = answer.series.get(`credits:${id}`)?.points.at(-1)?.value;
          return value === undefined ? [] : [[id, value] as const];
        }),
      );
      slow = { at: now, ids: key, balances };
      return { balances, unread: null };
    },
  };
}

function failed(queries: readonly MetricQuery[], why: string): ReadonlyMap<string, MetricSeries> {
  return new Map(
    queries.map(({ id, periodSeconds }) => [
      id,
      { id, periodMs: periodSeconds * 1000, points: [], status: 'failed', messages: [why] },
    ]),
  );
}
