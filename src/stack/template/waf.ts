/** The web ACL: AWS's rule groups, and rates that count a runner by its credential, never by its office's address. */
import { CfnIPSet, CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { RUNNER_PREFIX, uninspectedPatterns } from '../../protocol/url-classes.js';
import type { Context } from './context.js';
import { logGroup } from './logs.js';
import {
  both,
  managedGroup,
  markedBody,
  not,
  ownRule,
  pathMatches,
  RAW,
  type RuleContext,
  startsWith,
  visible,
} from './waf-rules.js';

export interface Waf {
  readonly arn: string;
  readonly logGroup: string;
  /** Addresses that findings put there; null where that was not asked for. */
  readonly blockList: { readonly arn: string; readonly id: string; readonly name: string } | null;
}

/** Requests that a thousand runners of one office may make in five minutes are some 300 each. */
const REQUESTS_PER_RUNNER_OF_OFFICE = 300;

export function buildWaf(context: Context, logsKeyArn: string): Waf {
  const { stack, settings, name } = context;
  const rules: RuleContext = { isBlocking: settings.waf.mode === 'block' };
  const blockList = settings.waf.blockFindings ? blockedAddresses(context) : null;
  const acl = new CfnWebACL(stack, 'WebAcl', {
    name,
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: visible(name),
    rules: [
      ...(blockList === null
        ? []
        : [ownRule(rules, 0, 'BlockedAddresses', { ipSetReferenceStatement: { arn: blockList.arn } })]),
      ...rateRules(context, rules),
      managedGroup(rules, 20, 'AWSManagedRulesAmazonIpReputationList'),
      managedGroup(rules, 21, 'AWSManagedRulesKnownBadInputsRuleSet'),
      managedGroup(rules, 22, 'AWSManagedRulesCommonRuleSet'),
      managedGroup(rules, 23, 'AWSManagedRulesSQLiRuleSet'),
      ownRule(rules, 30, 'BadBodies', both(markedBody(), not(pathMatches(uninspectedPatterns())))),
    ],
  });
  return { arn: acl.attrArn, logGroup: wafLog(context, acl, logsKeyArn), blockList };
}

export function protect(context: Context, webAclArn: string, balancerArn: string): void {
  new CfnWebACLAssociation(context.stack, 'WebAclAssociation', { webAclArn, resourceArn: balancerArn });
}

function rateRules({ settings }: Context, rules: RuleContext): CfnWebACL.RuleProperty[] {
  const { requestsPerAddress, requestsPerRunner, runnersPerAddress } = settings.waf;
  const ofRunners = startsWith(RUNNER_PREFIX);
  return [
    ownRule(rules, 10, 'RateOfAddress', {
      rateBasedStatement: {
        limit: requestsPerAddress,
        evaluationWindowSec: 300,
        aggregateKeyType: 'IP',
        scopeDownStatement: not(ofRunners),
      },
    }),
    ownRule(rules, 11, 'RateOfRunner', {
      rateBasedStatement: {
        limit: requestsPerRunner,
        evaluationWindowSec: 300,
        aggregateKeyType: 'CUSTOM_KEYS',
        customKeys: [{ header: { name: 'authorization', textTransformations: RAW } }],
        scopeDownStatement: ofRunners,
      },
    }),
    // A made-up credential is a new key each time, so a whole office has a ceiling too: high enough for all its runners.
    ownRule(rules, 12, 'RateOfOffice', {
      rateBasedStatement: {
        limit: runnersPerAddress * REQUESTS_PER_RUNNER_OF_OFFICE,
        evaluationWindowSec: 300,
        aggregateKeyType: 'IP',
        scopeDownStatement: ofRunners,
      },
    }),
  ];
}

function blockedAddresses({ stack, name }: Context): NonNullable<Waf['blockList']> {
  const set = new CfnIPSet(stack, 'BlockedAddresses', {
    name: `${name}-blocked`,
    description: 'addresses of high GuardDuty findings, filled by the automation',
    scope: 'REGIONAL',
    ipAddressVersion: 'IPV4',
    addresses: [],
  });
  return { arn: set.attrArn, id: set.attrId, name: `${name}-blocked` };
}

/** The name must begin with `aws-waf-logs-`; credentials stay out of it. */
function wafLog(context: Context, acl: CfnWebACL, logsKeyArn: string): string {
  const group = logGroup(context, 'WafLogGroup', `aws-waf-logs-${context.name}`, logsKeyArn);
  new CfnLoggingConfiguration(context.stack, 'WafLogging', {
    resourceArn: acl.attrArn,
    logDestinationConfigs: [group.arn],
    redactedFields: ['authorization', 'cookie'].map((header) => ({ singleHeader: { Name: header } })),
  }).node.addDependency(context.stack.node.findChild('WafLogGroup'));
  return group.name;
}
