/** The VPC over two zones: subnets, routes and the log of its flows. */
import {
  CfnEIP,
  CfnFlowLog,
  CfnInternetGateway,
  CfnNatGateway,
  CfnRoute,
  CfnRouteTable,
  CfnSubnet,
  CfnSubnetRouteTableAssociation,
  CfnVPC,
  CfnVPCGatewayAttachment,
} from 'aws-cdk-lib/aws-ec2';
import { CfnMapping, Fn } from 'aws-cdk-lib/core';
import { formatNetwork, parseNetwork, subnetOf } from '../cidr.js';
import { type Context, nameTag, ZONES } from './context.js';
import { role } from './iam.js';
import { logGroup } from './logs.js';

type Tier = 'Public' | 'Private' | 'Isolated';

export interface Network {
  readonly vpcId: string;
  /** Empty where nothing needs the Internet. */
  readonly publicSubnets: readonly string[];
  readonly privateSubnets: readonly string[];
  readonly isolatedSubnets: readonly string[];
  /** The networks that the balancer's nodes have addresses in. */
  readonly balancerCidrs: readonly string[];
  readonly privateRouteTables: readonly string[];
}

// Sixteen networks of equal size; six are used, the rest is room to grow.
const PLACE: Readonly<Record<Tier, number>> = { Public: 0, Private: 2, Isolated: 4 };

export function buildNetwork(context: Context, logsKeyArn: string): Network {
  const { stack, settings } = context;
  const vpc = new CfnVPC(stack, 'Vpc', {
    cidrBlock: settings.vpc.cidr,
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: nameTag(context, 'vpc'),
  });
  const hasNat = settings.egress.mode !== 'endpoints';
  const isPublic = settings.exposure !== 'internal' || hasNat;
  const zones = zoneNames(context);
  const publicSubnets = isPublic ? subnets(context, 'Public', zones) : [];
  const privateSubnets = subnets(context, 'Private', zones);
  const isolatedSubnets = subnets(context, 'Isolated', zones);
  const gateway = isPublic ? internetGateway(context) : null;
  const nats = hasNat ? natGateways(context, publicSubnets, gateway?.after) : [];
  const privateRouteTables = privateSubnets.map((subnet, index) =>
    routeTable(context, `Private${ZONES[index]}`, subnet, nats[Math.min(index, nats.length - 1)] ?? null),
  );
  for (const [index, subnet] of publicSubnets.entries())
    routeTable(context, `Public${ZONES[index]}`, subnet, gateway);
  for (const [index, subnet] of isolatedSubnets.entries())
    routeTable(context, `Isolated${ZONES[index]}`, subnet, null);
  flowLog(context, logsKeyArn);
  return {
    vpcId: vpc.ref,
    publicSubnets,
    privateSubnets,
    isolatedSubnets,
    balancerCidrs: [0, 1].map((zone) =>
      subnetCidr(settings.vpc.cidr, settings.exposure === 'internal' ? 'Private' : 'Public', zone),
    ),
    privateRouteTables,
  };
}

/** The zones that were looked up stand in one place, by region; without them CloudFormation takes the first two. */
function zoneNames({ stack, facts }: Context): [string, string] {
  if (facts.zones === null) return [Fn.select(0, Fn.getAzs()), Fn.select(1, Fn.getAzs())];
  const [A, B] = facts.zones;
  new CfnMapping(stack, 'Zones', { mapping: { [facts.region]: { A, B } } });
  const zone = (letter: string) => Fn.findInMap('Zones', Fn.ref('AWS::Region'), letter);
  return [zone('A'), zone('B')];
}

function subnets(context: Context, tier: Tier, zones: readonly [string, string]): string[] {
  return ZONES.map((zone, index) => {
    const subnet = new CfnSubnet(context.stack, `${tier}Subnet${zone}`, {
      vpcId: Fn.ref('Vpc'),
      cidrBlock: subnetCidr(context.settings.vpc.cidr, tier, index),
      availabilityZone: zones[index] ?? '',
      mapPublicIpOnLaunch: false,
      tags: nameTag(context, `${tier.toLowerCase()}-${zone.toLowerCase()}`),
    });
    return subnet.ref;
  });
}

function subnetCidr(vpcCidr: string, tier: Tier, zone: number): string {
  const vpc = parseNetwork(vpcCidr) ?? { first: 0, bits: 16 };
  return formatNetwork(subnetOf(vpc, vpc.bits + 4, PLACE[tier] + zone));
}

interface Gateway {
  readonly kind: 'gatewayId' | 'natGatewayId';
  readonly id: string;
  readonly after?: CfnVPCGatewayAttachment;
}

function internetGateway(context: Context): Gateway {
  const gateway = new CfnInternetGateway(context.stack, 'InternetGateway', {
    tags: nameTag(context, 'internet'),
  });
  const after = new CfnVPCGatewayAttachment(context.stack, 'InternetGatewayAttachment', {
    vpcId: Fn.ref('Vpc'),
    internetGatewayId: gateway.ref,
  });
  return { kind: 'gatewayId', id: gateway.ref, after };
}

function natGateways(
  context: Context,
  publicSubnets: readonly string[],
  attachment: CfnVPCGatewayAttachment | undefined,
): Gateway[] {
  return ZONES.slice(0, context.settings.egress.zones).map((zone, index) => {
    const address = new CfnEIP(context.stack, `NatAddress${zone}`, {
      domain: 'vpc',
      tags: nameTag(context, `nat-${zone.toLowerCase()}`),
    });
    const nat = new CfnNatGateway(context.stack, `Nat${zone}`, {
      allocationId: address.attrAllocationId,
      subnetId: publicSubnets[index] ?? '',
      tags: nameTag(context, `nat-${zone.toLowerCase()}`),
    });
    if (attachment !== undefined) nat.addResourceDependency(attachment);
    return { kind: 'natGatewayId', id: nat.ref };
  });
}

function routeTable(context: Context, id: string, subnetId: string, gateway: Gateway | null): string {
  const table = new CfnRouteTable(context.stack, `${id}Routes`, {
    vpcId: Fn.ref('Vpc'),
    tags: nameTag(context, id.toLowerCase()),
  });
  new CfnSubnetRouteTableAssociation(context.stack, `${id}RoutesAssociation`, {
    subnetId,
    routeTableId: table.ref,
  });
  if (gateway !== null) {
    const route = new CfnRoute(context.stack, `${id}DefaultRoute`, {
      routeTableId: table.ref,
      destinationCidrBlock: '0.0.0.0/0',
      [gateway.kind]: gateway.id,
    });
    if (gateway.after !== undefined) route.addResourceDependency(gateway.after);
  }
  return table.ref;
}

function flowLog(context: Context, logsKeyArn: string): void {
  const group = logGroup(context, 'FlowLogGroup', `/roc/${context.name}/flow`, logsKeyArn);
  const writer = role(context, 'FlowLogRole', {
    service: 'vpc-flow-logs.amazonaws.com',
    about: 'writes the flow log of the VPC',
    statements: [
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [group.arn, `${group.arn}:*`],
      },
    ],
  });
  new CfnFlowLog(context.stack, 'FlowLog', {
    resourceId: Fn.ref('Vpc'),
    resourceType: 'VPC',
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logGroupName: group.name,
    deliverLogsPermissionArn: writer.arn,
    maxAggregationInterval: 60,
    tags: nameTag(context, 'flow'),
  });
}
