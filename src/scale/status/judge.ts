/** What `roc status` says: facts in, verdicts out. Pure. */
import type { Known } from '../../kernel/known.js';
import { formatDuration, isoTime } from '../../kernel/time.js';
import { adviseDatabase, type DatabaseAdvice } from '../database/advice.js';
import type { AlarmFacts, StatusFacts } from './facts.js';
import { judgeBalancer } from './judge-balancer.js';
import { judgeDatabase } from './judge-database.js';
import { judgeOrchestrator } from './judge-orchestrator.js';
import { judgeServers, judgeService } from './judge-servers.js';
import { type Component, type Status, worst } from './model.js';
import { currentMetric } from './reading.js';

export function judgeStatus(facts: StatusFacts): Status {
  const parts: (Component | null)[] = [
    known('balancer', facts.balancer, (value) => judgeBalancer(facts, value)),
    known('servers', facts.servers, (value) => judgeServers(facts, value)),
    known('service', facts.service, (value) => judgeService(facts, value)),
    known('database', facts.database, (value) => judgeDatabase(facts, value)),
    facts.orchestrator === null ? null : judgeOrchestrator(facts, facts.orchestrator),
    known('alarms', facts.alarms, (value) => judgeAlarms(value, facts.now)),
  ];
  const components = parts
    .filter((part) => part !== null)
    .map((part) => explained(part, facts.metricsUnknown));
  return {
    verdict: worst(components.map(({ verdict }) => verdict)),
    at: isoTime(facts.now),
    region: facts.region,
    components,
    advice: { database: adviceOf(facts) },
  };
}

function adviceOf({ database, history }: StatusFacts): DatabaseAdvice | null {
  if (database === null || 'unknown' in database || history === null) return null;
  return adviseDatabase(database.value, history);
}

function known<T>(
  id: Component['id'],
  facts: Known<T> | null,
  judge: (value: T) => Component,
): Component | null {
  if (facts === null) return null;
  if ('value' in facts) return judge(facts.value);
  const reasons = [{ verdict: 'unknown' as const, text: facts.unknown }];
  return { id, verdict: 'unknown', about: '', reasons, metrics: [], parts: [] };
}

// One word on why there are no metrics, instead of one for each.
function explained(component: Component, why: string | null): Component {
  if (why === null) return component;
  const isNoise = ({ verdict, text }: Component['reasons'][number]) =>
    verdict === 'unknown' && /was not read$|is not known$/.test(text);
  const own = component.reasons.filter((reason) => !isNoise(reason));
  if (own.length === component.reasons.length) return component;
  return { ...component, reasons: [...own, { verdict: 'unknown', text: why }] };
}

function judgeAlarms(alarms: readonly AlarmFacts[], now: number): Component {
  const ringing = alarms.filter(({ state }) => state === 'ALARM');
  const silent = alarms.length - ringing.length;
  return {
    id: 'alarms',
    verdict: ringing.length > 0 ? 'bad' : 'ok',
    about: ringing.length === 0 ? 'none in ALARM' : `${ringing.length} in ALARM`,
    reasons: silent === 0 ? [] : [{ verdict: 'ok', text: `${silent} have not enough data to judge` }],
    metrics: [currentMetric('inAlarm', 'count', ringing.length, ringing.length > 0 ? 'bad' : 'ok')],
    parts: ringing.map(({ name, since, reason }) => ({
      id: name,
      verdict: 'bad',
      about: `${since === null ? '' : `for ${formatDuration(Math.max(0, now - since))}: `}${reason}`,
      metrics: [],
    })),
  };
}
