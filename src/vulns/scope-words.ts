/** `--scope`: what a run declares that it looked at, in a few words. */
import { RocError } from '../kernel/errors.js';
import type { MatchRule } from './decide/match.js';

const NAMES = ['account', 'region', 'repo', 'resource', 'lane', 'tool', 'package', 'control'] as const;

/**
 * `all`, or conditions joined by commas that must all hold: `account=123456789012,tool=inspector`, `repo=payments/*`.
 * Several scopes add up.
 * @returns null when nothing was declared
 * @throws RocError ROC_USAGE
 */
export function parseScope(words: readonly string[]): readonly MatchRule[] | 'all' | null {
  if (words.length === 0) return null;
  if (words.includes('all')) return 'all';
  return words.map((word) => {
    const rule: Record<string, string> = {};
    for (const part of word.split(',')) {
      const [name, value] = part.split('=', 2);
      const known = NAMES.find((each) => each === name?.trim());
      if (known === undefined || value === undefined || value === '')
        throw new RocError('ROC_USAGE', `--scope ${word}: "${part}" is no condition`, {
          hint: `Write all, or name=glob with ${NAMES.join(', ')}, joined by commas.`,
        });
      rule[known] = value;
    }
    return rule as MatchRule;
  });
}
