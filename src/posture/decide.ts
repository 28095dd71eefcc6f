/** Every control judged, waivers laid over what fails, and the count. Pure. */
import { isoTime } from '../kernel/time.js';
import type { Context, Control, Finding } from './control.js';
import { ACCESS_CONTROLS } from './controls/access.js';
import { DATA_CONTROLS } from './controls/data.js';
import { DATABASE_CONTROLS } from './controls/databases.js';
import { NETWORK_CONTROLS } from './controls/network.js';
import { WATCHING_CONTROLS } from './controls/watching.js';
import type { PostureFacts } from './facts.js';
import {
  type ControlResult,
  type Evidence,
  type Posture,
  SEVERITIES,
  type Verdict,
  type Waiver,
} from './model.js';
import type { PosturePolicy } from './policy.js';

export const CONTROLS: readonly Control[] = [
  ...ACCESS_CONTROLS,
  ...NETWORK_CONTROLS,
  ...DATABASE_CONTROLS,
  ...DATA_CONTROLS,
  ...WATCHING_CONTROLS,
];

export function decidePosture(facts: PostureFacts, scope: Posture['scope'], context: Context): Posture {
  const controls = CONTROLS.map((one) => judged(one, facts, context)).sort(worstFirst);
  const count = (verdict: Verdict, isWaived: boolean) =>
    controls.filter((one) => one.verdict === verdict && isWaivedWhole(one) === isWaived).length;
  return {
    summary: {
      pass: count('pass', false),
      fail: count('fail', false),
      waived: count('fail', true),
      notApplicable: count('notApplicable', false),
      unknown: count('unknown', false),
    },
    at: isoTime(context.now),
    scope,
    controls,
  };
}

function judged({ judge, ...text }: Control, facts: PostureFacts, context: Context): ControlResult {
  const waivers = context.policy.waivers.filter(({ control }) => control === text.id);
  const evidence = judge(facts, context).map((finding) => withWaiver(finding, waivers, context.now));
  const verdict = verdictOf(evidence);
  const used = waivers.find((waiver) =>
    evidence.some((one) => one.verdict === 'fail' && covers(waiver, one.resource)),
  );
  return {
    id: text.id,
    title: text.title,
    verdict,
    severity: text.severity,
    references: text.references,
    evidence: [...evidence].sort((a, b) => EVIDENCE_RANK[a.verdict] - EVIDENCE_RANK[b.verdict]),
    fix: verdict === 'fail' ? text.fix : null,
    waiver: used === undefined ? null : waiverOf(used, context.now),
  };
}

const EVIDENCE_RANK = { fail: 0, unknown: 1, pass: 2 } as const;
const VERDICT_RANK: Readonly<Record<Verdict, number>> = { fail: 0, unknown: 1, pass: 2, notApplicable: 3 };

function verdictOf(evidence: readonly Evidence[]): Verdict {
  if (evidence.some(({ verdict }) => verdict === 'fail')) return 'fail';
  if (evidence.some(({ verdict }) => verdict === 'unknown')) return 'unknown';
  return evidence.length === 0 ? 'notApplicable' : 'pass';
}

/** Every failure has its waiver, and nothing hides behind them that could not be read. */
function isWaivedWhole({ verdict, evidence }: ControlResult): boolean {
  return verdict === 'fail' && evidence.every((one) => one.verdict === 'pass' || one.waived);
}

function withWaiver(finding: Finding, waivers: PosturePolicy['waivers'], now: number): Evidence {
  const waived =
    finding.verdict === 'fail' &&
    waivers.some((waiver) => !isExpired(waiver.until, now) && covers(waiver, finding.resource));
  return { ...finding, waived };
}

function covers({ resource }: PosturePolicy['waivers'][number], name: string): boolean {
  if (resource === undefined) return true;
  const parts = resource.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}

function waiverOf({ reason, until, by }: PosturePolicy['waivers'][number], now: number): Waiver {
  return { reason, until, by, expired: isExpired(until, now) };
}

// The day itself still counts, everywhere east and west of Greenwich alike: it is UTC's.
function isExpired(until: string, now: number): boolean {
  return isoTime(now).slice(0, 10) > until;
}

function worstFirst(a: ControlResult, b: ControlResult): number {
  const byVerdict =
    VERDICT_RANK[a.verdict] +
    Number(isWaivedWhole(a)) * 0.5 -
    VERDICT_RANK[b.verdict] -
    Number(isWaivedWhole(b)) * 0.5;
  return (
    byVerdict || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.id < b.id ? -1 : 1)
  );
}
