/** The rules that a template claims for a security group, inline and apart, in the words of its live state. */
import type { Template } from '../template.js';

type Rule = Readonly<Record<string, unknown>>;

/**
 * `resolve` fills in references. A group whose template names no egress rule gets AWS's own: everything.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
 */
export function claimedRules(
  template: Template,
  groupId: string,
  resolve: (value: unknown) => unknown,
): { readonly ingress: readonly string[]; readonly egress: readonly string[] } {
  const group = template.Resources[groupId];
  const apart = (type: string) =>
    Object.values(template.Resources)
      .filter(({ Type, Properties }) => Type === type && namesGroup(Properties?.['GroupId'], groupId))
      .map(({ Properties }) => resolve(Properties) as Rule);
  const inline = (key: string) => (resolve(group?.Properties?.[key] ?? []) as Rule[]) ?? [];
  const ingress = [...inline('SecurityGroupIngress'), ...apart('AWS::EC2::SecurityGroupIngress')];
  const egress = [...inline('SecurityGroupEgress'), ...apart('AWS::EC2::SecurityGroupEgress')];
  const isEgressLeftToAws = egress.length === 0;
  return {
    ingress: ingress.map((rule) => line(rule, 'Source')).sort(),
    egress: isEgressLeftToAws
      ? ['all all 0.0.0.0/0']
      : egress.map((rule) => line(rule, 'Destination')).sort(),
  };
}

function namesGroup(value: unknown, groupId: string): boolean {
  return new RegExp(`"(Ref|Fn::GetAtt)":(\\[)?"${groupId}[".]`).test(JSON.stringify(value ?? null));
}

function line(rule: Rule, side: 'Source' | 'Destination'): string {
  const protocol = String(rule['IpProtocol']) === '-1' ? 'all' : String(rule['IpProtocol']);
  const [from, to] = [rule['FromPort'], rule['ToPort']];
  const ports =
    protocol === 'all' ? 'all' : from === to ? `${String(from)}` : `${String(from)}-${String(to)}`;
  const peer =
    rule['CidrIp'] ??
    rule['CidrIpv6'] ??
    rule[`${side}SecurityGroupId`] ??
    rule[`${side}PrefixListId`] ??
    '?';
  return `${protocol} ${ports} ${String(peer)}`;
}
