/** Controls of networks and of the edge: who may talk to whom, TLS, the firewall of the web. */
import { type Control, control, each, type Finding } from '../control.js';
import type { BalancerFacts } from '../facts.js';
import { isOpen } from './rules.js';

const nameOf = ({ name }: BalancerFacts) => name;

export const NETWORK_CONTROLS: readonly Control[] = [
  control(
    {
      id: 'network.default-group-empty',
      title: 'the default security group of a VPC lets nothing through',
      severity: 'medium',
      references: ['ISO 27001:2022 A.8.22', 'CIS AWS 3.0.0 5.4'],
      fix: 'Remove every rule of the default security group.',
    },
    ['securityGroups'],
    ({ securityGroups }) =>
      each(
        securityGroups.filter(({ name }) => name === 'default'),
        ({ id }) => id,
        ({ ingress, egress }) => ingress.length === 0 && egress.length === 0,
        ({ ingress, egress }) => `${ingress.length} rules in, ${egress.length} out`,
      ),
  ),
  control(
    {
      id: 'network.flow-logs',
      title: 'the traffic of a VPC is logged',
      severity: 'medium',
      references: ['ISO 27001:2022 A.8.15', 'ISO 27001:2022 A.8.16', 'CIS AWS 3.0.0 3.7'],
      fix: 'Switch flow logs on for the VPC, for accepted and rejected traffic.',
    },
    ['vpcs', 'flowLogs'],
    ({ vpcs, flowLogs }) => {
      const active = (vpc: string) => flowLogs.filter(({ vpcId, isActive }) => vpcId === vpc && isActive);
      return each(
        vpcs,
        (vpc) => vpc,
        (vpc) => active(vpc).some(({ traffic }) => traffic === 'ALL' || traffic === 'REJECT'),
        (vpc) =>
          active(vpc)
            .map(({ traffic }) => traffic)
            .join(', ') || 'none is active',
      );
    },
  ),
  control(
    {
      id: 'network.egress-limited',
      title: 'servers reach only what they need',
      severity: 'medium',
      references: ['ISO 27001:2022 A.8.22', 'NIST 800-53 SC-7'],
      fix: 'Replace the rule that lets everything out by rules for the ports and peers that are used.',
    },
    ['instances', 'securityGroups'],
    ({ instances, securityGroups }) => {
      const used = new Set(instances.flatMap((one) => one.securityGroups));
      const isAll = ({ protocol, from, to }: { protocol: string; from: number; to: number }) =>
        protocol === '-1' || (from <= 0 && to >= 65_535);
      return each(
        securityGroups.filter(({ id }) => used.has(id)),
        ({ id }) => id,
        ({ egress }) => !egress.some((rule) => isOpen(rule) && isAll(rule)),
        ({ name, egress }) =>
          `${name}: ${egress.some((rule) => isOpen(rule) && isAll(rule)) ? 'everything to everywhere' : `${egress.length} rules`}`,
      );
    },
  ),
  control(
    {
      id: 'edge.https-only',
      title: 'load balancers speak HTTPS alone',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.24', 'NIST 800-53 SC-8'],
      fix: 'Make the listener HTTPS, or let it redirect to the one that is.',
    },
    ['balancers'],
    ({ balancers }) =>
      each(
        balancers,
        nameOf,
        ({ listeners }) => listeners.every(({ protocol, isRedirect }) => isSecure(protocol) || isRedirect),
        ({ listeners }) =>
          listeners
            .map(({ port, protocol, isRedirect }) => `${protocol} ${port}${isRedirect ? ' redirects' : ''}`)
            .join(', ') || 'no listener',
      ),
  ),
  control(
    {
      id: 'edge.tls12',
      title: 'load balancers take TLS 1.2 or later',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.24', 'NIST 800-53 SC-8', 'NIST 800-53 SC-13'],
      fix: 'Use ELBSecurityPolicy-TLS13-1-2-2021-06 or a later one.',
    },
    ['balancers'],
    ({ balancers }) =>
      balancers.flatMap(({ name, listeners }) =>
        each(
          listeners.filter(({ protocol }) => isSecure(protocol)),
          ({ port }) => `${name}:${port}`,
          ({ tlsPolicy }) => isTls12(tlsPolicy),
          ({ tlsPolicy }) => tlsPolicy ?? 'no policy',
        ),
      ),
  ),
  control(
    {
      id: 'edge.waf',
      title: 'a web application firewall is in front of every public load balancer',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.20', 'ISO 27001:2022 A.8.26', 'NIST 800-53 SC-7'],
      fix: 'Associate a web ACL of AWS WAF with the load balancer.',
    },
    ['balancers'],
    ({ balancers }) =>
      each(
        balancers.filter(({ isPublic }) => isPublic),
        nameOf,
        ({ webAcl }) => webAcl !== null,
        ({ webAcl }) => webAcl?.name ?? 'no web ACL',
      ),
  ),
  control(
    {
      id: 'edge.waf-rules',
      title: 'the firewall blocks SQL injection and cross-site scripting',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.26'],
      fix: 'Add the managed groups AWSManagedRulesCommonRuleSet and AWSManagedRulesSQLiRuleSet, and let them block.',
    },
    ['balancers'],
    ({ balancers }) => balancers.flatMap(rulesOf),
  ),
  control(
    {
      id: 'edge.access-logs',
      title: 'load balancers log every request',
      severity: 'medium',
      references: ['ISO 27001:2022 A.8.15', 'NIST 800-53 AU-12'],
      fix: 'Switch access_logs.s3.enabled on, with a bucket for them.',
    },
    ['balancers'],
    ({ balancers }) =>
      each(
        balancers,
        nameOf,
        ({ attributes }) => attributes['access_logs.s3.enabled'] === 'true',
        ({ attributes }) =>
          attributes['access_logs.s3.enabled'] === 'true'
            ? `to ${attributes['access_logs.s3.bucket']}`
            : 'off',
      ),
  ),
];

// Cross-site scripting is in the common set; SQL injection has a set of its own.
const GROUPS = ['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesSQLiRuleSet'];

function rulesOf({ name, webAcl }: BalancerFacts): Finding[] {
  if (webAcl === null) return [];
  const missing = GROUPS.filter((group) => !webAcl.groups.includes(group));
  const counting = GROUPS.filter((group) => webAcl.counting.includes(group));
  const says = [
    ...(missing.length > 0 ? [`without ${missing.join(', ')}`] : []),
    ...(counting.length > 0 ? [`only counting: ${counting.join(', ')}`] : []),
  ];
  return [
    {
      resource: `${name} (${webAcl.name})`,
      verdict: says.length === 0 ? 'pass' : 'fail',
      says: says.join('; ') || 'both groups block',
    },
  ];
}

function isSecure(protocol: string): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

/**
 * Names of policies tell their oldest version: `…-TLS13-1-2-…`, `…-TLS-1-2-…`, `…-FS-1-2-…`, `…-TLS13-1-3-…`.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
function isTls12(policy: string | null): boolean {
  return /^ELBSecurityPolicy-(TLS13-1-[23]-|TLS-1-2-|FS-1-2-)/.test(policy ?? '');
}
