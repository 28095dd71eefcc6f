/** Demand and capacity of past days as CloudWatch kept them, on one grid, for simulating policies. */
import { DAY, MINUTE, SECOND } from '../../kernel/time.js';
import type { ReadingCost } from '../metrics/cost.js';
import {
  type BalancerNames,
  balancerQuery,
  groupCpuQuery,
  groupSizeQuery,
  type MetricQuery,
} from '../metrics/names.js';
import { floorTo, type MetricSeries, onGrid, settledPoints, zeroWhereHealthy } from '../metrics/series.js';
import { finestPeriodSeconds } from '../metrics/window.js';
import type { AwsAccess } from './access.js';
import { readMetrics } from './metrics.js';

export interface HistorySource {
  readonly balancer: BalancerNames | null;
  readonly asgName: string | null;
}

/** One value a step in each list, oldest first; null is unknown, never zero. */
export interface DemandHistory {
  readonly from: number;
  readonly stepMs: number;
  /** Requests of the step; zero only where the balancer measured and had none. Empty without a balancer. */
  readonly requests: readonly (number | null)[];
  /** Mean CPU of the group in percent; with basic monitoring only every fifth minute has one. Empty without a group. */
  readonly cpu: readonly (number | null)[];
  /** Targets that were healthy, the fewest of the step. */
  readonly healthy: readonly (number | null)[];
  /** Instances in service, where the group's metrics are switched on. */
  readonly inService: readonly (number | null)[];
  /** What AWS said, and which series are not complete. */
  readonly warnings: readonly string[];
  readonly retries: number;
  readonly cost: ReadingCost;
}

export interface HistoryOptions {
  readonly now: number;
  /** How far back; a minute is kept for 15 days, so 14 by default. */
  readonly backMs?: number;
  /** Newer buckets are still being filled up. */
  readonly settleMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** @throws RocError as readMetrics does */
export async function readHistory(
  access: AwsAccess,
  source: HistorySource,
  { now, backMs = 14 * DAY, settleMs = 3 * MINUTE, signal }: HistoryOptions,
): Promise<DemandHistory> {
  const periodSeconds = finestPeriodSeconds(backMs);
  const stepMs = periodSeconds * SECOND;
  const window = { from: floorTo(now - backMs, stepMs) + stepMs, to: floorTo(now - settleMs, stepMs) };
  const queries = queriesOf(source).map((query) => ({ ...query, periodSeconds }));
  const { series, messages, retries, cost } = await readMetrics(access, queries, { ...window, now, signal });
  const grid = (id: string) => gridOf(series.get(id), window, { now, settleMs });
  const healthy = grid('healthy');
  return {
    from: window.from,
    stepMs,
    requests: zeroWhereHealthy(grid('requests'), healthy),
    cpu: grid('cpu'),
    healthy,
    inService: grid('inService'),
    warnings: [...messages, ...[...series.values()].flatMap(doubtsOf)],
    retries,
    cost,
  };
}

function queriesOf({ balancer, asgName }: HistorySource): MetricQuery[] {
  return [
    ...(balancer === null ? [] : [balancerQuery(balancer, 'requests'), balancerQuery(balancer, 'healthy')]),
    ...(asgName === null ? [] : [groupCpuQuery(asgName), groupSizeQuery(asgName)]),
  ];
}

function gridOf(
  series: MetricSeries | undefined,
  window: { readonly from: number; readonly to: number },
  settling: { readonly now: number; readonly settleMs: number },
): (number | null)[] {
  if (series === undefined) return [];
  return onGrid({ periodMs: series.periodMs, points: settledPoints(series, settling) }, window);
}

function doubtsOf({ id, status, messages }: MetricSeries): string[] {
  if (status === 'complete') return [];
  return [`${id}: ${status}${messages.length === 0 ? '' : ` (${messages.join('; ')})`}`];
}
