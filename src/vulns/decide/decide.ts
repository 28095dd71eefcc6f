/** Facts + policy + now → what to do, by when, and why. Pure: no clock, no files. */
import { DAY } from '../../kernel/time.js';
import { fastIsoTime } from '../iso-time.js';
import { identityOf } from '../keys.js';
import type { Action, Decision, Lane, Merged, Severity } from '../model.js';
import { severityRank } from '../severity.js';
import { type FactSources, type Facts, gatherFacts } from './facts.js';
import { riskScore } from './risk.js';
import { type DecisionTable, lookUp } from './table.js';

export type SeverityDays = Readonly<Record<Severity, number | null>>;

export interface DecideContext extends FactSources {
  readonly table: DecisionTable;
  readonly sla: {
    readonly apply: 'missing-inputs' | 'earlier-of-both';
    readonly days: SeverityDays;
    readonly threat: SeverityDays;
    readonly config: SeverityDays;
    readonly pentest: SeverityDays;
    readonly kevDueDate: 'ignore' | 'cap';
  };
  readonly epssFloor: number | null;
  readonly percentileFloor: number | null;
  readonly mission: (finding: Merged) => 'low' | 'medium' | 'high';
  /** Epoch milliseconds. */
  readonly now: number;
}

interface Verdict {
  action: Action;
  days: number | null;
  basis: Decision['basis'];
  row: number | null;
  readonly reasons: string[];
}

export interface Decided {
  readonly decision: Decision;
  readonly facts: Facts;
  /** 0 to 100. */
  readonly score: number;
}

/**
 * Decides one finding.
 * @param since when its days began to run, epoch milliseconds (first seen, or seen again after a fix)
 */
export function decide(finding: Merged, since: number, context: DecideContext): Decided {
  const facts = gatherFacts(finding, context);
  const verdict =
    finding.lane === 'vuln' ? decideVulnerability(finding, facts, context) : bySla(finding, context);
  raiseForThreat(verdict, finding, context);
  const risk = riskScore({
    severity: finding.severity,
    cvss: finding.cvss ?? [],
    epss: facts.epss,
    inKev: facts.inKev.value === 'yes',
    ransomware: facts.kev?.ransomware === true,
  });
  if (finding.lane === 'vuln') verdict.reasons.push(scoreReason(facts, risk.assumed));
  const dueAt = dueDate(verdict, facts, since, context);
  const decision: Decision = {
    action: verdict.action,
    days: verdict.days,
    dueAt: dueAt === null ? null : fastIsoTime(dueAt),
    overdue: dueAt !== null && context.now > dueAt,
    basis: verdict.basis,
    row: verdict.row,
    reasons: verdict.reasons,
  };
  return { decision, facts, score: risk.score };
}

function decideVulnerability(finding: Merged, facts: Facts, context: DecideContext): Verdict {
  const values = context.table.inputs.map((name) => inputValue(name, finding, facts, context));
  const found = lookUp(context.table, values);
  if (!found.decided) {
    const missing = `${context.table.name} cannot decide: ${found.missing.map((name) => missingText(name, facts)).join('; ')}`;
    return bySla(finding, context, [missing]);
  }
  const { row } = found;
  const reasons = [
    found.certain ? row.text : `${context.table.name}: every row that is left says ${row.outcome}`,
    `exploited: ${facts.inKev.why}`,
    `exposure: ${facts.exposed.why}`,
    `automatable and impact: ${facts.automatable.why}`,
  ];
  const verdict: Verdict = {
    action: row.action,
    days: row.days,
    basis: 'table',
    row: found.certain ? row.row : null,
    reasons,
  };
  raiseForEpss(verdict, finding, facts, context);
  if (context.sla.apply === 'earlier-of-both') capBySla(verdict, finding, context);
  return verdict;
}

function inputValue(name: string, finding: Merged, facts: Facts, context: DecideContext): string | null {
  switch (name) {
    case 'inKev':
    case 'exposed':
    case 'automatable':
    case 'impact':
    case 'exploitation':
      return facts[name].value;
    case 'mission':
      return context.mission(finding);
    default:
      return null;
  }
}

function missingText(name: string, facts: Facts): string {
  const fact = (facts as unknown as Record<string, { why: string } | undefined>)[name];
  return fact === undefined ? name : `${name} unknown (${fact.why})`;
}

const SLA_OF: Readonly<Record<Lane, { days: 'days' | 'threat' | 'config' | 'pentest'; action: Action }>> = {
  vuln: { days: 'days', action: 'fix-by-sla' },
  code: { days: 'days', action: 'fix-by-sla' },
  secret: { days: 'days', action: 'fix-by-sla' },
  threat: { days: 'threat', action: 'investigate' },
  config: { days: 'config', action: 'reconfigure' },
  pentest: { days: 'pentest', action: 'fix-by-sla' },
};

function bySla(finding: Merged, context: DecideContext, before: string[] = []): Verdict {
  const { days: section, action } = SLA_OF[finding.lane];
  const isSequence = finding.attackSequence === true;
  const days = isSequence ? 0 : context.sla[section][finding.severity];
  const why = isSequence
    ? 'attack sequence: at once, whatever its severity'
    : `severity ${finding.severity} (${finding.severitySource}): ${days === null ? 'no date by' : `${days} days by`} the ${section === 'days' ? 'severity' : section} SLA`;
  return {
    action: days === null ? 'watch' : action,
    days,
    basis: days === null ? 'none' : 'sla',
    row: null,
    reasons: [...before, why],
  };
}

// roc's own step, off the table and named as such: likely exploitation moves a finding up one step.
function raiseForEpss(verdict: Verdict, finding: Merged, facts: Facts, context: DecideContext): void {
  const isLikely =
    (context.epssFloor !== null && facts.epss !== null && facts.epss >= context.epssFloor) ||
    (context.percentileFloor !== null &&
      facts.percentile !== null &&
      facts.percentile >= context.percentileFloor);
  if (!isLikely || severityRank(finding.severity) < severityRank('high')) return;
  const next = EPSS_STEPS[verdict.action];
  if (next === undefined) return;
  verdict.reasons.push(
    `EPSS floor (roc's own, not of the table): ${facts.epss ?? '-'} at percentile ${facts.percentile ?? '-'} moves ${verdict.action} to ${next.action}`,
  );
  verdict.action = next.action;
  verdict.days = next.days;
}

const EPSS_STEPS: Readonly<Partial<Record<Action, { action: Action; days: number }>>> = {
  'fix-on-upgrade': { action: 'fix-60d', days: 60 },
  'fix-60d': { action: 'fix-14d', days: 14 },
};

function capBySla(verdict: Verdict, finding: Merged, context: DecideContext): void {
  const days = context.sla.days[finding.severity];
  if (days === null || (verdict.days !== null && verdict.days <= days)) return;
  verdict.reasons.push(`severity SLA is sooner: ${days} days for ${finding.severity}`);
  verdict.days = days;
}

/** A vulnerability due within this many days on a resource under attack is treated as exploited there. */
const URGENT_DAYS = 14;

function raiseForThreat(verdict: Verdict, finding: Merged, context: DecideContext): void {
  if (finding.lane !== 'vuln' || verdict.days === null || verdict.days > URGENT_DAYS) return;
  if (context.evidence.threats.size === 0) return;
  const threat = context.evidence.threats.get(identityOf(finding.resource));
  if (threat === undefined || verdict.action === 'fix-3d-forensic') return;
  verdict.reasons.push(`active threat on the same resource (${threat}): 3 days and forensic investigation`);
  verdict.action = 'fix-3d-forensic';
  verdict.days = Math.min(verdict.days, 3);
}

function scoreReason(facts: Facts, assumed: boolean): string {
  if (facts.epss === null) return assumed ? 'EPSS: assumed from severity' : 'EPSS: none';
  return facts.percentile === null
    ? `EPSS: ${facts.epss}`
    : `EPSS: ${facts.epss} (percentile ${facts.percentile})`;
}

function dueDate(verdict: Verdict, facts: Facts, since: number, context: DecideContext): number | null {
  const byDays = verdict.days === null ? null : since + verdict.days * DAY;
  const kevDue = facts.kev?.dueDate === undefined ? Number.NaN : Date.parse(facts.kev.dueDate);
  if (context.sla.kevDueDate === 'ignore' || Number.isNaN(kevDue)) return byDays;
  if (byDays !== null && byDays <= kevDue) return byDays;
  verdict.reasons.push(`CISA's own due date is sooner: ${facts.kev?.dueDate}`);
  return kevDue;
}
