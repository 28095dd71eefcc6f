import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetricSeries } from '../../../src/scale/metrics/series.js';
import type { DatabaseFacts, OrchestratorFacts, StatusFacts } from '../../../src/scale/status/facts.js';
import { judgeStatus } from '../../../src/scale/status/judge.js';
import { isWell, type Verdict, worst } from '../../../src/scale/status/model.js';
import { database, facts, MINUTE, NOW, orchestrator, servers, steady } from './facts.js';

type Spoil = Parameters<typeof facts>[0];
const group = (change: object): Spoil => ({
  servers: { value: { ...servers, group: { ...servers.group, ...change } } },
});
const instances = (change: object): Spoil => ({
  servers: { value: { ...servers, instances: servers.instances.map((one) => ({ ...one, ...change })) } },
});
const db = (change: Partial<DatabaseFacts>): Spoil => ({ database: { value: { ...database, ...change } } });
const server = (change: Partial<OrchestratorFacts>): Spoil => ({
  orchestrator: { ...orchestrator, ...change },
});
const series = (values: Readonly<Record<string, number | MetricSeries>>): Spoil => ({ series: values });
const balancer = (state: string, states: string[]): Spoil => ({
  balancer: {
    value: {
      name: 'b',
      state,
      targets: { api: new Map(states.map((one, i) => [`i-${i}`, one as 'healthy'])) },
    },
  },
});
const ended = (at: number, isEnd = true) => ({ failovers: [{ at, text: '', isEnd }] });

const TABLE: readonly [
  what: string,
  component: string,
  spoil: Spoil,
  verdict: Verdict,
  says: RegExp | null,
][] = [
  ['nothing wrong', 'balancer', {}, 'ok', null],
  ['no healthy target', 'balancer', balancer('active', ['unhealthy']), 'bad', /no target of api/],
  ['no target at all', 'balancer', balancer('active', []), 'bad', /no target of api/],
  ['one of two unhealthy', 'balancer', balancer('active', ['healthy', 'unhealthy']), 'warn', /i-1 unhealthy/],
  [
    'one that leaves and one that starts',
    'balancer',
    balancer('active', ['healthy', 'draining', 'initial']),
    'ok',
    null,
  ],
  ['an impaired balancer', 'balancer', balancer('active_impaired', ['healthy']), 'warn', /active, impaired/],
  ['a failed balancer', 'balancer', balancer('failed', ['healthy']), 'bad', /failed/],
  ['2 % of errors', 'balancer', series({ target5xx: 20 }), 'warn', /2\.0 %/],
  ['6 % of errors of both kinds', 'balancer', series({ target5xx: 30, balancer5xx: 32 }), 'bad', /6\.0 %/],
  ['few requests, all of them errors', 'balancer', series({ requests: 1, target5xx: 1 }), 'ok', null],
  ['slow answers', 'balancer', series({ p95: 2 }), 'warn', /2\.0 s/],
  ['very slow answers', 'balancer', series({ p95: 4 }), 'bad', /4\.0 s/],
  ['no traffic', 'balancer', series({ requests: silent('requests'), p95: silent('p95') }), 'ok', null],
  [
    'no traffic and nobody who counts hosts',
    'balancer',
    series({ requests: silent('requests'), healthy: silent('healthy') }),
    'unknown',
    /nobody measured/,
  ],
  [
    'stale requests',
    'balancer',
    series({
      requests: steady('requests', 9, { age: 20 * MINUTE }),
      healthy: steady('healthy', 2, { age: 20 * MINUTE }),
    }),
    'unknown',
    /too old/,
  ],
  [
    'refused metrics',
    'balancer',
    series({ requests: { ...silent('requests'), status: 'forbidden' } }),
    'unknown',
    /may not be read/,
  ],

  ['nothing wrong', 'servers', {}, 'ok', null],
  ['fewer than wanted', 'servers', group({ desired: 3 }), 'warn', /2 of 3 wanted/],
  ['fewer than the least', 'servers', group({ min: 3, desired: 3 }), 'bad', /least 3/],
  ['none', 'servers', group({ instances: [] }), 'bad', /0 of 2/],
  ['scaled to nothing on purpose', 'servers', group({ min: 0, desired: 0, instances: [] }), 'warn', /0 of 0/],
  [
    'a zone without one',
    'servers',
    group({ zones: ['a', 'b', 'c'], desired: 3, min: 2 }),
    'warn',
    /no instance serves in c/,
  ],
  [
    'an unhealthy one',
    'servers',
    group({
      min: 1,
      instances: [{ ...servers.group.instances[0]!, isHealthy: false }, servers.group.instances[1]!],
    }),
    'warn',
    /i-1: the group holds it for unhealthy/,
  ],
  [
    'one that EC2 does not know',
    'servers',
    { servers: { value: { ...servers, instances: [] } } },
    'unknown',
    /EC2 does not tell/,
  ],
  ['a failed check', 'servers', instances({ checks: 'impaired' }), 'warn', /status check/],
  [
    'no word on the checks',
    'servers',
    instances({ checks: 'insufficient-data' }),
    'unknown',
    /nothing of its status checks/,
  ],
  [
    'no word on the checks of a new one',
    'servers',
    instances({ checks: 'insufficient-data', launchedAt: NOW - 60_000 }),
    'ok',
    null,
  ],
  ['much CPU', 'servers', series({ cpu: 85 }), 'warn', /85 %/],
  ['all CPU', 'servers', series({ cpu: 99 }), 'bad', /99 %/],
  ['surplus that is paid for', 'servers', series({ 'surplus:i-1': 5 }), 'warn', /paid for/],
  ['no credits, unlimited', 'servers', series({ 'credits:i-1': 0 }), 'ok', null],
  [
    'no credits, standard',
    'servers',
    { ...instances({ credits: 'standard' }), ...series({ 'credits:i-1': 0 }) },
    'bad',
    /baseline/,
  ],
  [
    'few credits, standard',
    'servers',
    { ...instances({ credits: 'standard' }), ...series({ 'credits:i-1': 10 }) },
    'warn',
    /10 CPU credits/,
  ],
  [
    'an instance without metrics',
    'servers',
    series({ 'cpu:i-1': silent('cpu:i-1') }),
    'unknown',
    /its CPU is not known/,
  ],
  [
    'a new instance without metrics',
    'servers',
    { ...instances({ launchedAt: NOW - MINUTE }), ...series({ 'cpu:i-1': silent('cpu:i-1') }) },
    'ok',
    null,
  ],
  ['suspended processes', 'servers', group({ suspended: ['Launch'] }), 'warn', /Launch/],
  ['the kill switch', 'servers', group({ tags: { 'roc:scale': 'off' } }), 'ok', /roc does not scale/],

  ['nothing wrong', 'database', {}, 'ok', null],
  ['storage-full', 'database', db({ status: 'storage-full' }), 'bad', /storage-full/],
  ['a state of tomorrow', 'database', db({ status: 'sleeping' }), 'bad', /sleeping/],
  ['modifying', 'database', db({ status: 'modifying' }), 'warn', /modifying/],
  ['rebooting', 'database', db({ status: 'rebooting' }), 'warn', /rebooting/],
  ['a failover that goes on', 'database', db(ended(NOW - MINUTE, false)), 'bad', /has not ended/],
  ['a failover of today', 'database', db(ended(NOW - 60 * MINUTE)), 'warn', /1h ago/],
  ['a failover of last week', 'database', db(ended(NOW - 7 * 24 * 60 * MINUTE)), 'ok', /7d ago/],
  ['much CPU', 'database', series({ 'db:cpu:db': 81 }), 'warn', /81 %/],
  ['many connections', 'database', series({ 'db:connections:db': 2200 }), 'warn', /2200 of about 2730/],
  ['nearly all connections', 'database', { ...db({ maxConnections: 31 }) }, 'bad', /30 of 31/],
  ['little memory', 'database', series({ 'db:freeMemory:db': 2 ** 30 }), 'warn', /3 % of its memory/],
  ['memory of a class that is not known', 'database', db({ class: 'db.z9.huge' }), 'ok', null],
  ['little storage', 'database', series({ 'db:freeStorage:db': 15 * 2 ** 30 }), 'warn', /15 %/],
  ['no storage', 'database', series({ 'db:freeStorage:db': 5 * 2 ** 30 }), 'bad', /5 %/],
  [
    'no storage, but it grows',
    'database',
    { ...db({ maxStorageGb: 500 }), ...series({ 'db:freeStorage:db': 5 * 2 ** 30 }) },
    'warn',
    /grows by itself up to 500/,
  ],
  [
    'no storage, at its limit of growth',
    'database',
    { ...db({ maxStorageGb: 105 }), ...series({ 'db:freeStorage:db': 5 * 2 ** 30 }) },
    'bad',
    /5 %/,
  ],
  [
    'a lagging replica',
    'database',
    { ...db({ replicaOf: 'main' }), ...series({ 'db:replicaLag:db': 90 }) },
    'warn',
    /90 s behind main/,
  ],
  [
    'a replica that does not replicate',
    'database',
    { ...db({ replicaOf: 'main' }), ...series({ 'db:replicaLag:db': -1 }) },
    'bad',
    /does not run/,
  ],
  [
    'a replica whose state is an error',
    'database',
    { ...db({ replicaOf: 'main', replication: 'error' }), ...series({ 'db:replicaLag:db': 0 }) },
    'bad',
    /error/,
  ],
  ['old backups', 'database', db({ latestRestorableAt: NOW - 120 * MINUTE }), 'warn', /2h old/],
  ['no backups', 'database', db({ latestRestorableAt: null }), 'warn', /no automated backups/],
  [
    'a replica without backups',
    'database',
    { ...db({ latestRestorableAt: null, replicaOf: 'm' }), ...series({ 'db:replicaLag:db': 0 }) },
    'ok',
    null,
  ],
  ['a pending change', 'database', db({ pending: ['DBInstanceClass'] }), 'ok', /DBInstanceClass/],
  [
    'metrics told in part',
    'database',
    series({ 'db:cpu:db': { ...steady('x', 1), status: 'partial' } }),
    'unknown',
    /its CPU is known in part only/,
  ],
  [
    'no metrics',
    'database',
    series({ 'db:cpu:db': { ...steady('x', 1), status: 'failed' } }),
    'unknown',
    /could not be read/,
  ],

  ['nothing wrong', 'orchestrator', {}, 'ok', null],
  [
    'an answer of 503',
    'orchestrator',
    server({ health: { status: 503, failure: null, tookMs: 1 } }),
    'bad',
    /answers 503/,
  ],
  [
    'a closed port',
    'orchestrator',
    server({ health: { status: null, failure: 'ECONNREFUSED', tookMs: 1 } }),
    'bad',
    /refuses/,
  ],
  [
    'no way to it',
    'orchestrator',
    server({ health: { status: null, failure: 'ENOTFOUND', tookMs: 1 } }),
    'unknown',
    /ENOTFOUND/,
  ],
  [
    'a part that is not ready',
    'orchestrator',
    server({ ready: { ...orchestrator.ready, status: 503, checks: { database: false, keys: true } } }),
    'bad',
    /not ready: database$/,
  ],
  [
    'parts that are ready behind a 503',
    'orchestrator',
    server({ ready: { ...orchestrator.ready, status: 503, checks: { database: true } } }),
    'bad',
    /readyz answers 503/,
  ],
  [
    '/readyz closed from outside',
    'orchestrator',
    server({ ready: { ...orchestrator.ready, status: 404, checks: null } }),
    'ok',
    /closed at the balancer/,
  ],
  [
    '/readyz without an answer',
    'orchestrator',
    server({ ready: { ...orchestrator.ready, status: null, failure: 'x', checks: null } }),
    'unknown',
    /readyz/,
  ],
  [
    'jobs and no runner',
    'orchestrator',
    server({ queue: { depth: 4, oldestSeconds: 1, runnersOnline: 0 } }),
    'bad',
    /4 jobs wait/,
  ],
  [
    'an old job',
    'orchestrator',
    server({ queue: { depth: 4, oldestSeconds: 700, runnersOnline: 1 } }),
    'warn',
    /12 minutes/,
  ],
  ['nobody signed in', 'orchestrator', server({ nodes: { unknown: 'not asked' } }), 'ok', /nodes: not asked/],
  ['no node', 'orchestrator', server({ nodes: { value: [] } }), 'bad', /no node/],
  [
    'two versions',
    'orchestrator',
    server({ nodes: { value: [node('a'), node('b', { version: '2' })] } }),
    'warn',
    /different versions: 1, 2/,
  ],
  [
    'a node that drains',
    'orchestrator',
    server({ nodes: { value: [node('a'), node('b', { state: 'draining' })] } }),
    'warn',
    /1 nodes take no new work/,
  ],
  [
    'a node lost just now',
    'orchestrator',
    server({ nodes: { value: [node('a'), node('b', { state: 'gone', lastSeenAt: NOW - MINUTE })] } }),
    'warn',
    /lost/,
  ],
  [
    'a node gone for long',
    'orchestrator',
    server({ nodes: { value: [node('a'), node('b', { state: 'gone', lastSeenAt: NOW - 60 * MINUTE })] } }),
    'ok',
    null,
  ],

  [
    'an alarm',
    'alarms',
    { alarms: { value: [{ name: 'x', state: 'ALARM', since: NOW, reason: 'r' }] } },
    'bad',
    null,
  ],
  [
    'an alarm without data',
    'alarms',
    { alarms: { value: [{ name: 'x', state: 'INSUFFICIENT_DATA', since: NOW, reason: 'r' }] } },
    'ok',
    /not enough data/,
  ],
  ['alarms that may not be read', 'alarms', { alarms: { unknown: 'refused' } }, 'unknown', /refused/],
];

describe('the judgement', () => {
  test.each(TABLE)('of %s: %s', (_, component, spoil, verdict, says) => {
    const found = judgeStatus(facts(spoil)).components.find(({ id }) => id === component);
    expect({ verdict: found?.verdict, reasons: found?.reasons }).toMatchObject({ verdict });
    const texts = found?.reasons.map(({ text }) => text).join('\n') ?? '';
    if (says === null) expect(texts).toBe('');
    else expect(texts).toMatch(says);
  });

  test('never shows a number without its age', () => {
    const { components } = judgeStatus(facts());
    const all = components.flatMap(({ metrics, parts }) => [
      ...metrics,
      ...parts.flatMap((part) => part.metrics),
    ]);
    expect(all.length).toBeGreaterThan(15);
    for (const metric of all)
      expect(metric.value === null || metric.ageSeconds !== null, metric.name).toBe(true);
  });

  test('says once why CloudWatch could not be read', () => {
    const blind: StatusFacts = { ...facts(), series: new Map(), metricsUnknown: 'cloudwatch: refused' };
    for (const { id, verdict, reasons } of judgeStatus(blind).components) {
      if (id === 'orchestrator' || id === 'alarms') continue;
      expect(verdict, id).toBe('unknown');
      expect(reasons, id).toEqual([{ verdict: 'unknown', text: 'cloudwatch: refused' }]);
    }
  });

  test('leaves out what is not there', () => {
    const bare = facts({ balancer: null, servers: null, database: null, orchestrator: null });
    expect(judgeStatus(bare).components.map(({ id }) => id)).toEqual(['alarms']);
  });

  test('is never better for a lost series', () => {
    const rank: Record<Verdict, number> = { ok: 0, warn: 1, unknown: 2, bad: 3 };
    const all = [...facts().series.keys()];
    fc.assert(
      fc.property(fc.subarray(all), fc.constantFrom<Verdict>('ok', 'warn'), (lost, kind) => {
        const whole = facts(kind === 'warn' ? series({ 'db:cpu:db': 85, cpu: 85 }) : {});
        const less: StatusFacts = {
          ...whole,
          series: new Map([...whole.series].filter(([id]) => !lost.includes(id))),
        };
        const [before, after] = [judgeStatus(whole).verdict, judgeStatus(less).verdict];
        expect(rank[after]).toBeGreaterThanOrEqual(rank[before]);
      }),
    );
  });
});

test('bad is worse than unknown, and both end with 3', () => {
  expect(worst([])).toBe('ok');
  expect(worst(['ok', 'warn', 'unknown', 'bad'])).toBe('bad');
  expect(worst(['warn', 'unknown'])).toBe('unknown');
  const of = (verdict: Verdict) =>
    isWell({ verdict, at: '', region: '', components: [], advice: { database: null } });
  expect((['ok', 'warn', 'unknown', 'bad'] as const).map(of)).toEqual([true, true, false, false]);
});

function silent(id: string): MetricSeries {
  return { id, periodMs: MINUTE, points: [], status: 'complete', messages: [] };
}

function node(id: string, change: object = {}) {
  return {
    id,
    instanceId: null,
    version: '1',
    state: 'online' as const,
    busy: 0.1,
    lastSeenAt: NOW,
    ...change,
  };
}
