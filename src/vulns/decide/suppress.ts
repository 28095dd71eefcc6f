/** May a finding be set aside? Only by a statement with a reason, an author and an end, and never quietly. */
import type { Merged, SuppressionMark } from '../model.js';
import type { Matcher } from './match.js';

/** A policy's suppression or a VEX statement, compiled. Times are epoch milliseconds. */
export interface SuppressRule {
  readonly mark: SuppressionMark;
  readonly fits: Matcher;
  readonly from: number;
  readonly until: number;
  readonly allowKev: boolean;
}

export interface SuppressVerdict {
  readonly outcome: 'none' | 'suppressed' | 'expired' | 'refused';
  readonly mark: SuppressionMark | null;
  readonly reason: string | null;
  /** Index of the rule, to tell the rules that never match. */
  readonly rule: number | null;
}

export interface SuppressFacts {
  readonly inKev: boolean;
  readonly exposed: boolean;
  readonly now: number;
  /** Count what AWS calls suppressed as suppressed here. */
  readonly honourSource: boolean;
}

const NONE: SuppressVerdict = { outcome: 'none', mark: null, reason: null, rule: null };

/** The first rule in force decides; an expired one is remembered, so that the finding says why it is back. */
export function judgeSuppression(
  finding: Merged,
  rules: readonly SuppressRule[],
  facts: SuppressFacts,
): SuppressVerdict {
  let expired: SuppressVerdict | null = null;
  for (const [index, rule] of rules.entries()) {
    if (facts.now < rule.from || !rule.fits(finding)) continue;
    // The end is exclusive: at the very second it expires the finding is back.
    if (facts.now >= rule.until) {
      expired ??= {
        outcome: 'expired',
        mark: rule.mark,
        reason: `suppression ${rule.mark.id} expired on ${rule.mark.expires}`,
        rule: index,
      };
      continue;
    }
    if (facts.inKev && facts.exposed && !rule.allowKev)
      return {
        outcome: 'refused',
        mark: null,
        reason: `suppression ${rule.mark.id} does not count: known exploited and exposed`,
        rule: index,
      };
    return {
      outcome: 'suppressed',
      mark: rule.mark,
      reason: `suppressed by ${rule.mark.id} until ${rule.mark.expires}: ${rule.mark.reason}`,
      rule: index,
    };
  }
  return expired ?? bySource(finding, facts);
}

function bySource(finding: Merged, facts: SuppressFacts): SuppressVerdict {
  if (finding.status !== 'suppressed' || !facts.honourSource) return NONE;
  const tool = finding.sources[0]?.tool ?? 'source';
  if (facts.inKev && facts.exposed)
    return {
      outcome: 'refused',
      mark: null,
      reason: `suppressed in ${tool}, which does not count: known exploited and exposed`,
      rule: null,
    };
  return {
    outcome: 'suppressed',
    mark: {
      id: `source:${tool}`,
      status: 'accepted',
      justification: null,
      reason: `suppressed in ${tool}`,
      by: tool,
      expires: null,
    },
    reason: `suppressed in ${tool}`,
    rule: null,
  };
}
