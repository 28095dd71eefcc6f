/** Parts of WAF rules: path matches made from the URL classes, AWS's rule groups and what their body rules say. */
import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';

type Statement = CfnWebACL.StatementProperty;

/**
 * The rules of AWS's groups that read bodies, and the label each leaves when it only counts.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
 */
const BODY_RULES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AWSManagedRulesCommonRuleSet: {
    CrossSiteScripting_BODY: 'awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body',
    GenericLFI_BODY: 'awswaf:managed:aws:core-rule-set:GenericLFI_Body',
    GenericRFI_BODY: 'awswaf:managed:aws:core-rule-set:GenericRFI_Body',
    EC2MetaDataSSRF_BODY: 'awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body',
  },
  AWSManagedRulesKnownBadInputsRuleSet: {
    Log4JRCE_BODY: 'awswaf:managed:aws:known-bad-inputs:Log4JRCE_Body',
    JavaDeserializationRCE_BODY: 'awswaf:managed:aws:known-bad-inputs:JavaDeserializationRCE_Body',
  },
  AWSManagedRulesSQLiRuleSet: {
    SQLi_BODY: 'awswaf:managed:aws:sql-database:SQLi_Body',
    SQLiExtendedPatterns_BODY: 'awswaf:managed:aws:sql-database:SQLiExtendedPatterns_Body',
  },
};

/** AWS looks into the first 8 KiB and would refuse every larger body; the server has limits of its own for each class. */
const COUNTED_EVERYWHERE: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesCommonRuleSet: ['SizeRestrictions_BODY'],
};

export interface RuleContext {
  readonly isBlocking: boolean;
}

/** A group of AWS's in which the rules that read bodies count, so that a later rule can judge by the path. */
export function managedGroup(
  { isBlocking }: RuleContext,
  priority: number,
  group: string,
): CfnWebACL.RuleProperty {
  const counted = [...Object.keys(BODY_RULES[group] ?? {}), ...(COUNTED_EVERYWHERE[group] ?? [])];
  return {
    name: group,
    priority,
    overrideAction: isBlocking ? { none: {} } : { count: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name: group,
        ...(counted.length === 0
          ? {}
          : { ruleActionOverrides: counted.map((name) => ({ name, actionToUse: { count: {} } })) }),
      },
    },
    visibilityConfig: visible(group),
  };
}

/** A rule of roc's own. */
export function ownRule(
  { isBlocking }: RuleContext,
  priority: number,
  name: string,
  statement: Statement,
): CfnWebACL.RuleProperty {
  return {
    name,
    priority,
    action: isBlocking ? { block: {} } : { count: {} },
    statement,
    visibilityConfig: visible(name),
  };
}

/** Bodies that a counted rule has marked. */
export function markedBody(): Statement {
  const labels = Object.values(BODY_RULES).flatMap((rules) => Object.values(rules));
  return {
    orStatement: {
      statements: labels.map((key) => ({ labelMatchStatement: { scope: 'LABEL', key } })),
    },
  };
}

/** Requests whose path fits one of the patterns of the URL classes. */
export function pathMatches(patterns: readonly string[]): Statement {
  return {
    regexMatchStatement: {
      fieldToMatch: { uriPath: {} },
      regexString: `^(${[...new Set(patterns)].map(regexOf).join('|')})$`,
      textTransformations: RAW,
    },
  };
}

export function startsWith(prefix: string): Statement {
  return {
    byteMatchStatement: {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: 'STARTS_WITH',
      searchString: prefix,
      textTransformations: RAW,
    },
  };
}

export function not(statement: Statement): Statement {
  return { notStatement: { statement } };
}

export function both(...statements: Statement[]): Statement {
  return { andStatement: { statements } };
}

export const RAW = [{ priority: 0, type: 'NONE' }];

export function visible(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName };
}

// A star between slashes is one segment: nothing that the exception does not mean can hide behind it.
function regexOf(pattern: string): string {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return escaped.replace(/\*(?=.)/g, '[^/]+').replace(/\*$/, '.*');
}
