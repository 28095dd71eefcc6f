/** Security groups as ways: who opens which port to whom, and why; what is not a way is shut in both directions. */
import { CfnSecurityGroup, CfnSecurityGroupIngress } from 'aws-cdk-lib/aws-ec2';
import { Fn } from 'aws-cdk-lib/core';
import { type Context, nameTag } from './context.js';

export interface Group {
  readonly logicalId: string;
  readonly id: string;
}

/** One way out of a group. */
export interface Way {
  readonly to: { readonly group: Group } | { readonly prefixList: string } | { readonly cidr: string };
  readonly port: number;
  readonly why: string;
}

export interface GroupPlan {
  readonly logicalId: string;
  readonly about: string;
  readonly ways: readonly Way[];
  /** Networks that are let in from outside, each with its port. */
  readonly openTo?: readonly { readonly cidr: string; readonly port: number; readonly why: string }[];
}

/** A group with its ways out; a way to another group opens that group for it too. */
export function securityGroup(context: Context, { logicalId, about, ways, openTo = [] }: GroupPlan): Group {
  const resource = new CfnSecurityGroup(context.stack, logicalId, {
    groupDescription: about,
    vpcId: Fn.ref('Vpc'),
    ...(openTo.length === 0
      ? {}
      : {
          securityGroupIngress: openTo.map(({ cidr, port, why }) => ({
            cidrIp: cidr,
            ipProtocol: 'tcp',
            fromPort: port,
            toPort: port,
            description: why,
          })),
        }),
    securityGroupEgress: ways.length === 0 ? [NOWHERE] : ways.map(egressRule),
    tags: nameTag(context, kebab(logicalId)),
  });
  const group = { logicalId, id: resource.attrGroupId };
  for (const way of ways)
    if ('group' in way.to) letIn(context, { into: way.to.group, from: group, port: way.port, why: way.why });
  return group;
}

/** Opens a port of `into` for `from`, which is a group that has no list of ways, or has this one. */
function letIn(
  context: Context,
  { into, from, port, why }: { into: Group; from: Group; port: number; why: string },
): void {
  new CfnSecurityGroupIngress(context.stack, `${into.logicalId}From${from.logicalId}${port}`, {
    groupId: into.id,
    sourceSecurityGroupId: from.id,
    ipProtocol: 'tcp',
    fromPort: port,
    toPort: port,
    description: why,
  });
}

// Without any rule AWS opens a group to everywhere; a rule for an address nobody has keeps it shut.
const NOWHERE = {
  cidrIp: '255.255.255.255/32',
  ipProtocol: 'icmp',
  fromPort: 252,
  toPort: 86,
  description: 'nothing leaves',
};

function egressRule({ to, port, why }: Way): CfnSecurityGroup.EgressProperty {
  const rule = { ipProtocol: 'tcp', fromPort: port, toPort: port, description: why };
  if ('group' in to) return { ...rule, destinationSecurityGroupId: to.group.id };
  if ('prefixList' in to) return { ...rule, destinationPrefixListId: to.prefixList };
  return { ...rule, cidrIp: to.cidr };
}

function kebab(id: string): string {
  return id.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
