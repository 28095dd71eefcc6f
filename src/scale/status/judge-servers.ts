/** What is said of the servers: a group of instances, or a service of ECS. Pure. */
import type { ServersFacts, ServiceFacts, StatusFacts } from './facts.js';
import { NEW_INSTANCE_MS, STATUS_LIMITS } from './limits.js';
import { type Component, type Part, type Reason, type StatusMetric, type Verdict, worst } from './model.js';
import { currentMetric, doubtReason, metricOf, readingOf } from './reading.js';

export function judgeServers(facts: StatusFacts, { group, instances }: ServersFacts): Component {
  const inService = group.instances.filter(
    ({ lifecycle, isHealthy }) => lifecycle === 'InService' && isHealthy,
  );
  const parts = group.instances.map((instance) =>
    judgeInstance(
      facts,
      instance,
      instances.find(({ id }) => id === instance.id),
    ),
  );
  const cpu = readingOf(facts.series.get('cpu'), { now: facts.now });
  const cpuMetric = metricOf('cpu', 'percent', cpu, { limit: STATUS_LIMITS.serverCpu });
  const count = countVerdict(inService.length, group.desired, group.min);
  const zones = group.zones.map((zone) => ({
    zone,
    count: inService.filter((one) => one.zone === zone).length,
  }));
  const empty = zones.filter((zone) => zone.count === 0).map(({ zone }) => zone);
  const isOff = group.tags['roc:scale'] === 'off';
  const reasons: Reason[] = [
    ...(count === 'ok'
      ? []
      : [
          {
            verdict: count,
            text: `${inService.length} of ${group.desired} wanted instances serve (least ${group.min})`,
          },
        ]),
    ...(empty.length > 0 && group.desired >= group.zones.length && inService.length > 0
      ? [{ verdict: 'warn' as const, text: `no instance serves in ${empty.join(' and ')}` }]
      : []),
    ...parts.flatMap((part) =>
      part.verdict === 'ok' ? [] : [{ verdict: part.verdict, text: `${part.id}: ${part.why}` }],
    ),
    ...limitReasons(cpuMetric, 'the servers compute', '%'),
    ...doubtReason('their mean CPU', cpu),
    ...(group.suspended.length > 0
      ? [{ verdict: 'warn' as const, text: `suspended: ${group.suspended.join(', ')}` }]
      : []),
    ...(isOff ? [{ verdict: 'ok' as const, text: 'roc does not scale it: its tag roc:scale is off' }] : []),
  ];
  const metrics = [
    currentMetric('inService', 'count', inService.length, count, group.desired),
    ...zones.map(({ zone, count: there }) => currentMetric(`inService.${zone}`, 'count', there)),
    cpuMetric,
  ];
  return {
    id: 'servers',
    verdict: worst([...metrics, ...reasons].map(({ verdict }) => verdict)),
    about: `${group.name} · ${group.min} to ${group.max}, wanted ${group.desired} · ${zones.map(({ zone, count: there }) => `${zone} ${there}`).join(', ')}`,
    reasons,
    metrics,
    parts: parts.map(({ id, verdict, about, metrics: own }) => ({ id, verdict, about, metrics: own })),
  };
}

export function judgeService(facts: StatusFacts, service: ServiceFacts): Component {
  const cpu = readingOf(facts.series.get('serviceCpu'), { now: facts.now });
  const memory = readingOf(facts.series.get('serviceMemory'), { now: facts.now });
  const cpuMetric = metricOf('cpu', 'percent', cpu, { limit: STATUS_LIMITS.serverCpu });
  const count = countVerdict(service.running, service.desired, 1);
  const reasons: Reason[] = [
    ...(count === 'ok'
      ? []
      : [{ verdict: count, text: `${service.running} of ${service.desired} wanted tasks run` }]),
    ...(service.rollout === null
      ? []
      : [{ verdict: 'ok' as const, text: `a deployment goes on: ${service.rollout}` }]),
    ...limitReasons(cpuMetric, 'the tasks compute', '%'),
    ...doubtReason('their CPU', cpu),
  ];
  const metrics = [
    currentMetric('running', 'count', service.running, count, service.desired),
    currentMetric('pending', 'count', service.pending),
    cpuMetric,
    metricOf('memory', 'percent', memory, { limit: STATUS_LIMITS.serverCpu }),
  ];
  return {
    id: 'service',
    verdict: worst([...metrics, ...reasons].map(({ verdict }) => verdict)),
    about: `${service.name} · wanted ${service.desired}, pending ${service.pending}`,
    reasons,
    metrics,
    parts: [],
  };
}

/** Nobody serves, or fewer than the least: bad. Fewer than wanted: on the way, or stuck. */
function countVerdict(serving: number, wanted: number, least: number): Verdict {
  if (wanted === 0 && least === 0) return 'warn';
  if (serving === 0 || serving < Math.min(least, wanted)) return 'bad';
  return serving < wanted ? 'warn' : 'ok';
}

function judgeInstance(
  facts: StatusFacts,
  { id, zone, lifecycle, isHealthy }: ServersFacts['group']['instances'][number],
  instance: ServersFacts['instances'][number] | undefined,
): Part & { readonly why: string } {
  const { now, series } = facts;
  const isNew = instance?.launchedAt != null && now - instance.launchedAt < NEW_INSTANCE_MS;
  const measured = (name: string) => readingOf(series.get(`${name}:${id}`), { now });
  const own = (metric: StatusMetric): StatusMetric =>
    isNew && metric.verdict === 'unknown' ? { ...metric, verdict: 'ok' } : metric;
  const metrics = [
    own(metricOf('cpu', 'percent', measured('cpu'), { limit: STATUS_LIMITS.serverCpu })),
    ...(instance?.credits === 'standard'
      ? [own(metricOf('credits', 'credits', measured('credits'), { limit: STATUS_LIMITS.credits }))]
      : []),
    ...(instance?.credits === 'unlimited'
      ? [
          own(metricOf('credits', 'credits', measured('credits'))),
          own(
            metricOf('surplusCredits', 'credits', measured('surplus'), {
              limit: STATUS_LIMITS.surplusCredits,
            }),
          ),
        ]
      : []),
  ];
  const troubles: Reason[] = [
    ...(isHealthy ? [] : [{ verdict: 'warn' as const, text: 'the group holds it for unhealthy' }]),
    ...(instance?.checks === 'impaired'
      ? [{ verdict: 'warn' as const, text: 'a status check of EC2 fails' }]
      : []),
    ...(instance?.checks === 'insufficient-data' && lifecycle === 'InService' && !isNew
      ? [{ verdict: 'unknown' as const, text: 'EC2 says nothing of its status checks' }]
      : []),
    ...(instance === undefined && lifecycle === 'InService'
      ? [{ verdict: 'unknown' as const, text: 'EC2 does not tell of it' }]
      : []),
    ...metrics.flatMap((metric) => instanceReason(metric)),
  ];
  return {
    id,
    verdict: worst(troubles.map(({ verdict }) => verdict)),
    why: troubles.map(({ text }) => text).join(', '),
    about: [zone, instance?.type, lifecycle === 'InService' ? null : lifecycle, isNew ? 'new' : null]
      .filter(Boolean)
      .join(' '),
    metrics,
  };
}

function instanceReason({ name, verdict, value }: StatusMetric): Reason[] {
  if (verdict === 'ok') return [];
  if (verdict === 'unknown') return [{ verdict, text: `its ${SAYS[name] ?? name} is not known` }];
  const texts: Readonly<Record<string, string>> = {
    cpu: `computes at ${value?.toFixed(0)} %`,
    credits: `${value?.toFixed(0)} CPU credits left; without them it falls to its baseline`,
    surplusCredits: `${value?.toFixed(0)} CPU credits beyond what it earns are paid for`,
  };
  return [{ verdict, text: texts[name] ?? name }];
}

const SAYS: Readonly<Record<string, string>> = {
  cpu: 'CPU',
  credits: 'balance of credits',
  surplusCredits: 'surplus of credits',
};

export function limitReasons({ verdict, value }: StatusMetric, says: string, unit: string): Reason[] {
  return verdict === 'warn' || verdict === 'bad'
    ? [{ verdict, text: `${says} at ${value?.toFixed(0)} ${unit}` }]
    : [];
}
