/** What is said of the load balancer. Pure. */
import type { Group, TargetHealth } from '../group/facts.js';
import type { BalancerFacts, StatusFacts } from './facts.js';
import { ERRORS_FROM_REQUESTS, STATUS_LIMITS } from './limits.js';
import { type Component, type Reason, type StatusMetric, worst } from './model.js';
import { currentMetric, doubtReason, limited, metricOf, type Reading, readingOf } from './reading.js';

const RECENT = 5;

export function judgeBalancer(facts: StatusFacts, balancer: BalancerFacts): Component {
  const { now, series } = facts;
  const alive = series.get('healthy');
  const read = (id: string) => readingOf(series.get(id), { now, alive });
  const requests = read('requests');
  const errors = errorShare(requests, [read('target5xx'), read('balancer5xx')]);
  const traffic = metricOf('requests', 'perMinute', requests);
  const p95 = latency(readingOf(series.get('p95'), { now }), requests);
  const targets = Object.entries(balancer.targets).map(([name, health]) => judgeTargets(name, health));
  const group = facts.servers !== null && 'value' in facts.servers ? facts.servers.value.group : null;
  const reasons: Reason[] = [
    ...stateReasons(balancer),
    ...targets.flatMap((one) => one.reasons),
    ...(errors.metric.verdict === 'ok' || errors.metric.verdict === 'unknown'
      ? []
      : [
          {
            verdict: errors.metric.verdict,
            text: `${errors.metric.value?.toFixed(1)} % of the requests of the last ${RECENT} minutes ended in 5xx`,
          },
        ]),
    ...(p95.metric.verdict === 'warn' || p95.metric.verdict === 'bad'
      ? [
          {
            verdict: p95.metric.verdict,
            text: `one request of twenty takes over ${p95.metric.value?.toFixed(1)} s`,
          },
        ]
      : []),
    ...doubtReason('the count of requests', requests),
  ];
  const metrics = [traffic, p95.metric, errors.metric, ...targets.flatMap((one) => one.metrics)];
  return {
    id: 'balancer',
    verdict: worst([...metrics, ...reasons].map(({ verdict }) => verdict)),
    about: [balancer.name, balancer.state, zonesOf(balancer.targets['api'], group)]
      .filter(Boolean)
      .join(' · '),
    reasons,
    metrics,
    parts: [],
  };
}

function stateReasons({ state }: BalancerFacts): Reason[] {
  if (state === 'active') return [];
  if (state === 'active_impaired' || state === 'provisioning')
    return [{ verdict: 'warn', text: `the balancer is ${state.replace('_', ', ')}` }];
  return [{ verdict: 'bad', text: `the balancer is ${state}` }];
}

function judgeTargets(name: string, health: TargetHealth): { metrics: StatusMetric[]; reasons: Reason[] } {
  const states = [...health.values()];
  const healthy = states.filter((state) => state === 'healthy').length;
  // A target that leaves was healthy; one that starts will be.
  const counted = states.filter(
    (state) => state !== 'draining' && state !== 'initial' && state !== 'unused',
  ).length;
  const verdict = healthy === 0 ? 'bad' : healthy < counted ? 'warn' : 'ok';
  const metrics = [currentMetric(`healthy.${name}`, 'count', healthy, verdict, states.length)];
  if (healthy === 0)
    return { metrics, reasons: [{ verdict: 'bad', text: `no target of ${name} is healthy` }] };
  if (healthy === counted) return { metrics, reasons: [] };
  const ill = [...health].filter(([, state]) => state.startsWith('unhealthy') || state === 'unavailable');
  return {
    metrics,
    reasons: [
      {
        verdict: 'warn',
        text: `targets of ${name} are not healthy: ${ill.map(([id, state]) => `${id} ${state}`).join(', ')}`,
      },
    ],
  };
}

/** `eu-west-1a 1, eu-west-1b 1`: healthy targets a zone, where the group says which instance is where. */
function zonesOf(health: TargetHealth | undefined, group: Group | null): string {
  if (health === undefined || group === null) return '';
  const zones = new Map(group.zones.map((zone) => [zone, 0]));
  for (const { id, zone } of group.instances)
    if (health.get(id) === 'healthy') zones.set(zone, (zones.get(zone) ?? 0) + 1);
  return [...zones].map(([zone, count]) => `${zone} ${count}`).join(', ');
}

/** 5xx of targets and balancer in percent of all that was asked, in the last minutes. */
function errorShare(requests: Reading, errors: readonly Reading[]): { metric: StatusMetric } {
  const recent = ({ trend }: Reading) =>
    trend.slice(-RECENT).reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const doubt = [requests, ...errors].find((reading) => reading.doubt !== null)?.doubt ?? null;
  const failed = errors.reduce((sum, reading) => sum + recent(reading), 0);
  // What the balancer answers itself is in no target's count of requests.
  const asked = recent(requests) + recent(errors[1] ?? requests);
  const share = asked === 0 ? 0 : (100 * failed) / asked;
  const trend = requests.trend.map((_, i) => sumOrNull(errors.map((reading) => reading.trend[i] ?? null)));
  const reading: Reading = { value: doubt === null ? share : null, ageMs: requests.ageMs, trend, doubt };
  const isJudged = asked >= ERRORS_FROM_REQUESTS;
  const metric = metricOf('errors', 'percent', reading);
  return {
    metric:
      isJudged && doubt === null ? { ...metric, verdict: limited(share, STATUS_LIMITS.errorShare) } : metric,
  };
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  return values.every((value) => value === null)
    ? null
    : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

// Without a request there is no time that it took, and nothing wrong with that.
function latency(reading: Reading, requests: Reading): { metric: StatusMetric } {
  const metric = metricOf('p95', 'seconds', reading, { limit: STATUS_LIMITS.p95Seconds });
  const isIdle = requests.doubt === null && requests.value === 0 && reading.doubt !== 'may not be read';
  return {
    metric:
      isIdle && metric.verdict === 'unknown'
        ? { ...metric, value: null, ageSeconds: null, verdict: 'ok' }
        : metric,
  };
}
