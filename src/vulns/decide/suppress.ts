/** May a finding be set aside? Only by a statement with a reason, an author and an end, and never quietly. */
import { isoTime } from '../../kernel/time.js';
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
  /** For how long after its first sighting what AWS calls suppressed counts as suppressed here; null: not at all. */
  readonly honourSourceMs: number | null;
  /** Since when the finding is known, by its source or by the memory; epoch milliseconds. */
  readonly knownSince: number | undefined;
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

// AWS asks for no reason and no end, so the finding's own age sets one.
function bySource(finding: Merged, facts: SuppressFacts): SuppressVerdict {
  const { honourSourceMs, inKev, exposed, knownSince, now } = facts;
  if (finding.status !== 'suppressed' || honourSourceMs === null) return NONE;
  const tool = finding.sources[0]?.tool ?? 'source';
  const refused = (why: string): SuppressVerdict => ({
    outcome: 'refused',
    mark: null,
    reason: `suppressed in ${tool}, which does not count: ${why}`,
    rule: null,
  });
  if (inKev && exposed) return refused('known exploited and exposed');
  if (knownSince === undefined || knownSince > now) return refused('nobody says since when it is known');
  const mark = {
    id: `source:${tool}`,
    status: 'accepted',
    justification: null,
    reason: `suppressed in ${tool}`,
    by: tool,
    since: isoTime(knownSince),
    expires: isoTime(knownSince + honourSourceMs),
  };
  if (now >= knownSince + honourSourceMs)
    return {
      outcome: 'expired',
      mark,
      reason: `suppressed in ${tool}, which names no end: it counted until ${mark.expires}`,
      rule: null,
    };
  return {
    outcome: 'suppressed',
    mark,
    reason: `suppressed in ${tool}, which counts until ${mark.expires}`,
    rule: null,
  };
}
