/** Suppressions of the policy and statements of VEX documents, as the rules that judge findings. */
import { DAY, isoTime } from '../../kernel/time.js';
import { compileMatch } from '../decide/match.js';
import type { SuppressRule } from '../decide/suppress.js';
import { vexMatcher } from '../vex/match.js';
import { ROC_AUTHOR } from '../vex/statement.js';
import type { Settings } from './settings.js';

/**
 * In the order of the files: the policy's first. A VEX statement counts for the policy's longest suppression, or until
 * the end that roc wrote into it. Roc's own "fixed" said that a scanner no longer saw the problem: seen again, it counts.
 */
export function compileSuppressions({ policy, vex }: Settings): SuppressRule[] {
  const fromPolicy = policy.suppress.map(
    (rule): SuppressRule => ({
      mark: {
        id: rule.id,
        status: rule.status,
        justification: rule.justification ?? null,
        reason: rule.reason,
        by: rule.by,
        since: isoTime(Date.parse(rule.created)),
        expires: isoTime(Date.parse(rule.expires)),
      },
      fits: compileMatch(rule.match),
      from: Date.parse(rule.created),
      until: Date.parse(rule.expires),
      allowKev: rule.allowKev,
    }),
  );
  const fromVex = vex
    .filter(
      ({ status, author }) => status === 'not_affected' || (status === 'fixed' && author !== ROC_AUTHOR),
    )
    .map((statement): SuppressRule => {
      const longest = statement.timestamp + policy.limits.maxSuppressDays * DAY;
      const until = Math.min(longest, statement.until ?? longest);
      return {
        mark: {
          id: `vex:${statement.id}`,
          status: statement.status,
          justification: statement.justification,
          reason: statement.impact ?? statement.justification ?? statement.status,
          by: statement.author,
          since: isoTime(statement.timestamp),
          expires: isoTime(until),
        },
        fits: vexMatcher(statement),
        from: statement.timestamp,
        until,
        allowKev: false,
      };
    });
  return [...fromPolicy, ...fromVex];
}
