/** The metrics that a controller asks for, how often, and what a month of that costs. Pure. */
import { MINUTE } from '../../kernel/time.js';
import { monthlyUsd } from './cost.js';
import {
  type BalancerNames,
  balancerQuery,
  databaseQuery,
  groupCpuQuery,
  instanceQuery,
  type MetricQuery,
  serviceQuery,
} from './names.js';

export interface Watched {
  /** Null for a group without a balancer. */
  readonly balancer: BalancerNames | null;
  /** Null for a service of ECS, whose CPU is asked by its own name. */
  readonly asgName: string | null;
  readonly ecs: { readonly cluster: string; readonly service: string } | null;
  readonly dbInstance: string | null;
}

/** CloudWatch has no newer number within a minute, whatever the poll. */
const FAST = MINUTE;
/** Credits are told every five minutes. */
const SLOW = 5 * MINUTE;

export function fastQueries({ balancer, asgName, ecs, dbInstance }: Watched): MetricQuery[] {
  return [
    ...(balancer === null
      ? []
      : (['requests', 'healthy', 'unhealthy'] as const).map((name) => balancerQuery(balancer, name))),
    ...(asgName === null ? [] : [groupCpuQuery(asgName)]),
    ...(ecs === null ? [] : [{ ...serviceQuery(ecs.cluster, ecs.service, 'serviceCpu'), id: 'cpu' }]),
    ...(dbInstance === null
      ? []
      : (['cpu', 'connections'] as const).map((name) => databaseQuery(dbInstance, name))),
  ];
}

export function slowQueries(instanceIds: readonly string[]): MetricQuery[] {
  return instanceIds.map((id) => instanceQuery(id, 'credits'));
}

export interface ReadingPlan {
  readonly fastMs: number;
  readonly slowMs: number;
  /** So much earlier is as good. */
  readonly earlyMs: number;
}

/** Whole polls: the first at which there is something new. A poll comes a little early or late. */
export function readingPlan(pollMs: number): ReadingPlan {
  const polls = (ms: number) => Math.max(1, Math.ceil(ms / pollMs - 0.15)) * pollMs;
  return { fastMs: polls(FAST), slowMs: polls(SLOW), earlyMs: pollMs / 2 };
}

export interface MonthlyCost {
  readonly usd: number;
  readonly metricsPerRead: number;
  /** How it comes about, for a person. */
  readonly how: string;
}

/** Of GetMetricData, which has no free tier; all other calls of a controller are free. */
export function monthlyCost(watched: Watched, bursting: number, pollMs: number): MonthlyCost {
  const { fastMs, slowMs } = readingPlan(pollMs);
  const fast = fastQueries(watched).length;
  const usd = monthlyUsd(fast, fastMs) + monthlyUsd(bursting, slowMs);
  const slow = bursting === 0 ? '' : ` and ${bursting} every ${slowMs / 1000} s (credits)`;
  return {
    usd: Math.round(usd * 100) / 100,
    metricsPerRead: fast,
    how: `${fast} metrics every ${fastMs / 1000} s${slow}, 30 days, $0.01 for 1,000 metrics requested`,
  };
}
