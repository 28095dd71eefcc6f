/** The web ACL: every group there and blocking, exceptions as narrow as the URL classes, runners counted by credential. */

import { ROUTES } from '../../protocol/routes.js';
import { RUNNER_PREFIX, uninspectedPatterns } from '../../protocol/url-classes.js';
import type { CheckInput } from './check-input.js';
import { asRecord, breaking, listOf, ofType, refersTo } from './read.js';

type Rule = Readonly<Record<string, unknown>>;

const ACL = 'AWS::WAFv2::WebACL';

const GROUPS = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesSQLiRuleSet',
];

export function missingGroups({ template }: CheckInput): string[] {
  return breaking(ofType(template, ACL), (acl) => {
    const text = JSON.stringify(rulesOf(acl));
    return GROUPS.some((group) => !text.includes(`"${group}"`));
  });
}

/** In a blocking ACL no group may only count as a whole, no rule of roc's own either, and no rule may let anything pass. */
export function countingGroups({ template, settings }: CheckInput): string[] {
  if (settings.waf.mode === 'count') return [];
  return breaking(ofType(template, ACL), (acl) =>
    rulesOf(acl).some((rule) => {
      const action = { ...asRecord(rule['OverrideAction']), ...asRecord(rule['Action']) };
      return 'Count' in action || 'Allow' in action;
    }),
  );
}

/** Rules of AWS that only count must be blocked afterwards by a rule whose exception fits no other route. */
export function broadExceptions({ template }: CheckInput): string[] {
  return breaking(ofType(template, ACL), (acl) => {
    const text = JSON.stringify(rulesOf(acl).filter((rule) => 'NotStatement' in deepest(rule)));
    const patterns = [...text.matchAll(/"RegexString":"((?:[^"\\]|\\.)*)"/g)].map(
      ([, source = '']) => new RegExp(JSON.parse(`"${source}"`)),
    );
    const marked = [...new Set(labelsOf(acl))];
    const isJudged = marked.length >= 8 && patterns.length > 0;
    return !isJudged || patterns.some((pattern) => inspectedPaths().some((path) => pattern.test(path)));
  });
}

/** An address's rate must not count runners, and runners are counted by what they sign in with. */
export function runnerRates({ template }: CheckInput): string[] {
  return breaking(ofType(template, ACL), (acl) => {
    const rates = rulesOf(acl).map((rule) => asRecord(asRecord(rule['Statement'])['RateBasedStatement']));
    const byCredential = rates.some((rate) =>
      JSON.stringify(rate['CustomKeys'] ?? '')
        .toLowerCase()
        .includes('"authorization"'),
    );
    const low = rates.filter((rate) => rate['AggregateKeyType'] === 'IP' && Number(rate['Limit']) < 100_000);
    const sparesRunners = low.every((rate) => {
      const scope = JSON.stringify(rate['ScopeDownStatement'] ?? '');
      return scope.includes('NotStatement') && scope.includes(JSON.stringify(RUNNER_PREFIX));
    });
    return !byCredential || low.length === 0 || !sparesRunners;
  });
}

/** A balancer without the ACL. */
export function unprotectedBalancer({ template }: CheckInput): string[] {
  const guarded = new Set(
    ofType(template, 'AWS::WAFv2::WebACLAssociation').flatMap(([, { ResourceArn }]) => [
      ...refersTo(ResourceArn),
    ]),
  );
  return breaking(
    ofType(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer'),
    (_balancer, id) => !guarded.has(id),
  );
}

function rulesOf(acl: Rule): Rule[] {
  return listOf(acl['Rules']).map(asRecord);
}

function labelsOf(acl: Rule): string[] {
  const text = JSON.stringify(rulesOf(acl));
  return [...text.matchAll(/"Key":"(awswaf:managed:aws:[^"]+_Body)"/g)].map(([, label = '']) => label);
}

// The keys of all statements inside a rule, wherever they stand.
function deepest(value: unknown, found: Record<string, true> = {}): Record<string, true> {
  for (const item of listOf(value))
    for (const [key, inner] of Object.entries(asRecord(item))) {
      found[key] = true;
      deepest(inner, found);
    }
  return found;
}

/** A path of every route whose body the WAF shall judge. */
function inspectedPaths(): string[] {
  const exempt = uninspectedPatterns().map((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`));
  return Object.values(ROUTES)
    .map(({ path }) => path.replace(/:\w+/g, 'x1'))
    .filter((path) => !exempt.some((pattern) => pattern.test(path)));
}
