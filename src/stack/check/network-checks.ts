/** Who may talk to whom: nothing open to everybody but what the configuration opens on purpose. */
import type { CheckInput } from './check-input.js';
import { asRecord, breaking, listOf, ofType, refersTo } from './read.js';

type Rule = Readonly<Record<string, unknown>>;

const EVERYBODY = new Set(['0.0.0.0/0', '::/0']);

/** A group that lets in everybody; the balancer's may on its ports where the exposure is public. */
export function openIngress({ template, settings }: CheckInput): string[] {
  const isMeant = (id: string, rule: Rule) =>
    id === 'BalancerGroup' &&
    settings.exposure === 'public' &&
    [80, 443].includes(Number(rule['FromPort'])) &&
    rule['FromPort'] === rule['ToPort'];
  const inline = breaking(ofType(template, 'AWS::EC2::SecurityGroup'), (group, id) =>
    listOf(group['SecurityGroupIngress']).some(
      (rule) => isOpen(asRecord(rule)) && !isMeant(id, asRecord(rule)),
    ),
  );
  const apart = breaking(ofType(template, 'AWS::EC2::SecurityGroupIngress'), (rule) => isOpen(rule));
  return [...inline, ...apart];
}

/** A group that reaches everywhere; through NAT, HTTPS may, because names decide there. */
export function openEgress({ template, settings }: CheckInput): string[] {
  const isMeant = (rule: Rule) =>
    settings.egress.mode !== 'endpoints' &&
    Number(rule['FromPort']) === 443 &&
    Number(rule['ToPort']) === 443;
  const breaks = (rule: Rule) => isOpen(rule) && !isMeant(rule);
  return [
    ...breaking(ofType(template, 'AWS::EC2::SecurityGroup'), (group) =>
      listOf(group['SecurityGroupEgress']).some((rule) => breaks(asRecord(rule))),
    ),
    ...breaking(ofType(template, 'AWS::EC2::SecurityGroupEgress'), breaks),
  ];
}

/** A group without a rule for what leaves it is open: AWS adds one that allows everything. */
export function shutByDefault({ template }: CheckInput): string[] {
  return breaking(
    ofType(template, 'AWS::EC2::SecurityGroup'),
    (group) => listOf(group['SecurityGroupEgress']).length === 0,
  );
}

/** Ways into the database from anything but the orchestrator and the host of the duties. */
export function databaseReach({ template }: CheckInput): string[] {
  const isTrusted = (rule: Rule) => {
    const sources = refersTo(rule['SourceSecurityGroupId']);
    return sources.has('AppGroup') || sources.has('OpsGroup');
  };
  const apart = breaking(
    ofType(template, 'AWS::EC2::SecurityGroupIngress'),
    (rule) => refersTo(rule['GroupId']).has('DatabaseGroup') && !isTrusted(rule),
  );
  const inline = breaking(
    ofType(template, 'AWS::EC2::SecurityGroup'),
    (group, id) => id === 'DatabaseGroup' && listOf(group['SecurityGroupIngress']).length > 0,
  );
  return [...apart, ...inline];
}

// Half of the Internet is as good as all of it.
function isOpen(rule: Rule): boolean {
  return [rule['CidrIp'], rule['CidrIpv6']].some((cidr) => {
    if (typeof cidr !== 'string') return false;
    return EVERYBODY.has(cidr) || Number(cidr.split('/')[1]) < (cidr.includes(':') ? 16 : 8);
  });
}
