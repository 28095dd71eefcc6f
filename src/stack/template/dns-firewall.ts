/** Names that resolve inside the VPC: AWS's, the stack's own and those of `egress.domains`; every other one does not exist. */
import {
  CfnFirewallDomainList,
  CfnFirewallRuleGroup,
  CfnFirewallRuleGroupAssociation,
} from 'aws-cdk-lib/aws-route53resolver';
import type { Context } from './context.js';
import type { Network } from './network.js';

const AWS_NAMES = ['*.amazonaws.com', '*.api.aws', '*.compute.internal', '*.ec2.internal'];

export function buildDnsFirewall(context: Context, network: Network): void {
  const { stack, settings, name } = context;
  const { domains } = settings.egress;
  if (domains.includes('*')) return;
  const own = settings.domain === undefined ? [] : [settings.domain.name];
  const allowed = new CfnFirewallDomainList(stack, 'AllowedDomains', {
    name: `${name}-allowed`,
    domains: [...new Set([...AWS_NAMES, ...own, ...domains])],
  });
  const everything = new CfnFirewallDomainList(stack, 'EveryDomain', {
    name: `${name}-every`,
    domains: ['*'],
  });
  const rules = new CfnFirewallRuleGroup(stack, 'DnsFirewall', {
    name: `${name}-dns`,
    firewallRules: [
      { priority: 100, action: 'ALLOW', firewallDomainListId: allowed.attrId },
      { priority: 200, action: 'BLOCK', blockResponse: 'NXDOMAIN', firewallDomainListId: everything.attrId },
    ],
  });
  new CfnFirewallRuleGroupAssociation(stack, 'DnsFirewallAssociation', {
    name: `${name}-dns`,
    vpcId: network.vpcId,
    firewallRuleGroupId: rules.attrId,
    priority: 101,
    mutationProtection: 'DISABLED',
  });
}
