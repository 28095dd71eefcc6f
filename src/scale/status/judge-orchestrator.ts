/** What is said of the orchestrator, as it answers from here. Pure. */
import type { HttpAnswer, NodeFacts, OrchestratorFacts, StatusFacts } from './facts.js';
import { STATUS_LIMITS } from './limits.js';
import { type Component, type Part, type Reason, type StatusMetric, type Verdict, worst } from './model.js';
import { currentMetric, limited } from './reading.js';

export function judgeOrchestrator({ now }: StatusFacts, facts: OrchestratorFacts): Component {
  const reasons = [
    ...healthReasons(facts.health),
    ...readyReasons(facts),
    ...queueReasons(facts),
    ...nodeReasons(facts, now),
  ];
  const nodes = 'value' in facts.nodes ? facts.nodes.value : null;
  const online = nodes?.filter(({ state }) => state === 'online').length ?? null;
  const metrics: StatusMetric[] = [
    currentMetric(
      'answerTime',
      'seconds',
      facts.health.status === null ? null : facts.health.tookMs / 1000,
      answerVerdict(facts.health),
    ),
    ...(facts.queue === null
      ? []
      : [
          currentMetric('queued', 'count', facts.queue.depth),
          currentMetric(
            'oldestQueued',
            'seconds',
            facts.queue.oldestSeconds,
            limited(facts.queue.oldestSeconds, STATUS_LIMITS.oldestQueuedSeconds),
          ),
          currentMetric('runnersOnline', 'count', facts.queue.runnersOnline),
        ]),
    ...(online === null
      ? []
      : [
          currentMetric(
            'nodesOnline',
            'count',
            online,
            online === 0 ? 'bad' : 'ok',
            nodes?.filter(({ state }) => state !== 'gone').length ?? null,
          ),
        ]),
  ];
  return {
    id: 'orchestrator',
    verdict: worst([...metrics, ...reasons].map(({ verdict }) => verdict)),
    about: facts.url,
    reasons,
    metrics,
    parts: (nodes ?? []).filter(({ state }) => state !== 'gone').map(nodePart),
  };
}

/** Refused means that nobody listens there; no way to it says nothing of the server. */
function answerVerdict({ status, failure }: HttpAnswer): Verdict {
  if (status === null) return failure === 'ECONNREFUSED' ? 'bad' : 'unknown';
  return status === 200 ? 'ok' : 'bad';
}

function healthReasons(health: HttpAnswer): Reason[] {
  const verdict = answerVerdict(health);
  if (verdict === 'ok') return [];
  if (health.status !== null) return [{ verdict, text: `/healthz answers ${health.status}` }];
  return [
    {
      verdict,
      text:
        verdict === 'bad'
          ? 'refuses connections'
          : `no answer from here (${health.failure}); it may be well for others`,
    },
  ];
}

function readyReasons({ health, ready }: OrchestratorFacts): Reason[] {
  if (health.status !== 200) return [];
  if (ready.checks !== null) {
    const failed = Object.entries(ready.checks).flatMap(([name, isReady]) => (isReady ? [] : [name]));
    if (failed.length > 0) return [{ verdict: 'bad', text: `is not ready: ${failed.join(', ')}` }];
    return ready.status === 200 ? [] : [{ verdict: 'bad', text: `/readyz answers ${ready.status}` }];
  }
  if (ready.status === 404 || ready.status === 403)
    return [{ verdict: 'ok', text: '/readyz and /metrics are closed at the balancer, as they should be' }];
  return [
    {
      verdict: 'unknown',
      text: `/readyz ${ready.status === null ? `gives no answer (${ready.failure})` : `answers ${ready.status}`}`,
    },
  ];
}

function queueReasons({ queue }: OrchestratorFacts): Reason[] {
  if (queue === null) return [];
  const verdict = limited(queue.oldestSeconds, STATUS_LIMITS.oldestQueuedSeconds);
  const isAlone = queue.depth > 0 && queue.runnersOnline === 0;
  return [
    ...(isAlone
      ? [{ verdict: 'bad' as const, text: `${queue.depth} jobs wait and no runner is online` }]
      : []),
    ...(verdict === 'ok' || isAlone
      ? []
      : [{ verdict, text: `the oldest job has waited ${Math.round(queue.oldestSeconds / 60)} minutes` }]),
  ];
}

function nodeReasons({ nodes }: OrchestratorFacts, now: number): Reason[] {
  // Without a key nobody asked for the nodes: nothing is wrong, and it is said.
  if ('unknown' in nodes) return [{ verdict: 'ok', text: `nodes: ${nodes.unknown}` }];
  const online = nodes.value.filter(({ state }) => state === 'online');
  if (online.length === 0) return [{ verdict: 'bad', text: 'no node is online' }];
  const draining = nodes.value.filter(({ state }) => state === 'draining').length;
  const versions = [...new Set(online.map(({ version }) => version))];
  const lost = nodes.value.filter(
    ({ state, lastSeenAt }) => state === 'gone' && now - lastSeenAt < 600_000,
  ).length;
  return [
    ...(draining > 0 ? [{ verdict: 'warn' as const, text: `${draining} nodes take no new work` }] : []),
    ...(versions.length > 1
      ? [{ verdict: 'warn' as const, text: `nodes run different versions: ${versions.join(', ')}` }]
      : []),
    ...(lost > 0
      ? [{ verdict: 'warn' as const, text: `${lost} nodes were lost in the last ten minutes` }]
      : []),
  ];
}

function nodePart({ id, instanceId, version, state, busy }: NodeFacts): Part {
  return {
    id: instanceId ?? id,
    verdict: state === 'online' ? 'ok' : 'warn',
    about: `${state} ${version}`,
    metrics: [currentMetric('busy', 'percent', busy * 100)],
  };
}
