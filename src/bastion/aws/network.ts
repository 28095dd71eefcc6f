/** The network of an instance: routes, endpoints, security groups, ACL. */
import {
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type IpPermission,
  type NetworkAclEntry,
  type RouteTable,
  type VpcEndpoint,
} from '@aws-sdk/client-ec2';
import type {
  AclEntry,
  Endpoint,
  InstanceFacts,
  NetworkFacts,
  Rule,
  SecurityGroup,
} from '../doctor/facts.js';
import { awsErrorName, callAws } from './call.js';
import type { AwsAccess } from './clients.js';

export async function describeInstance(access: AwsAccess, instanceId: string): Promise<InstanceFacts | null> {
  if (!instanceId.startsWith('i-')) return null;
  const client = new EC2Client(access.options());
  const command = new DescribeInstancesCommand({ InstanceIds: [instanceId] });
  try {
    const reply = await callAws('ec2:DescribeInstances', (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    const instance = reply.Reservations?.[0]?.Instances?.[0];
    if (instance === undefined) return null;
    const { MetadataOptions: metadata } = instance;
    return {
      state: instance.State?.Name ?? 'in an unknown state',
      subnetId: instance.SubnetId ?? null,
      vpcId: instance.VpcId ?? null,
      privateIp: instance.PrivateIpAddress ?? null,
      publicIp: instance.PublicIpAddress ?? null,
      securityGroupIds: (instance.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
      profileArn: instance.IamInstanceProfile?.Arn ?? null,
      metadata: metadata
        ? {
            endpoint: metadata.HttpEndpoint ?? 'enabled',
            tokens: metadata.HttpTokens ?? 'optional',
            hopLimit: metadata.HttpPutResponseHopLimit ?? 1,
          }
        : null,
    };
  } catch (error) {
    if (/^InvalidInstanceID/.test(awsErrorName(error) ?? '')) return null;
    throw error;
  } finally {
    client.destroy();
  }
}

export async function describeNetwork(
  access: AwsAccess,
  instance: InstanceFacts,
): Promise<NetworkFacts | null> {
  const { vpcId, subnetId } = instance;
  if (vpcId === null || subnetId === null) return null;
  const client = new EC2Client(access.options());
  const inVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
  const ask = <T>(call: string, run: (options: { abortSignal: AbortSignal }) => Promise<T>) =>
    callAws(`ec2:${call}`, (abortSignal) => run({ abortSignal }));
  try {
    const [vpcs, support, hostnames, tables, endpoints, acls] = await Promise.all([
      ask('DescribeVpcs', (o) => client.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }), o)),
      ask('DescribeVpcAttribute', (o) =>
        client.send(new DescribeVpcAttributeCommand({ VpcId: vpcId, Attribute: 'enableDnsSupport' }), o),
      ),
      ask('DescribeVpcAttribute', (o) =>
        client.send(new DescribeVpcAttributeCommand({ VpcId: vpcId, Attribute: 'enableDnsHostnames' }), o),
      ),
      ask('DescribeRouteTables', (o) => client.send(new DescribeRouteTablesCommand(inVpc), o)),
      ask('DescribeVpcEndpoints', (o) => client.send(new DescribeVpcEndpointsCommand(inVpc), o)),
      ask('DescribeNetworkAcls', (o) => client.send(new DescribeNetworkAclsCommand(inVpc), o)),
    ]);
    const known = (endpoints.VpcEndpoints ?? []).map(endpointOf);
    const groupIds = new Set([
      ...instance.securityGroupIds,
      ...known.flatMap((endpoint) => endpoint.securityGroupIds),
    ]);
    const vpc = vpcs.Vpcs?.[0];
    const acl = (acls.NetworkAcls ?? []).find(({ Associations }) =>
      Associations?.some(({ SubnetId }) => SubnetId === subnetId),
    );
    return {
      vpcCidrs: (vpc?.CidrBlockAssociationSet ?? []).flatMap(({ CidrBlock }) => CidrBlock ?? []),
      dnsSupport: support.EnableDnsSupport?.Value ?? false,
      dnsHostnames: hostnames.EnableDnsHostnames?.Value ?? false,
      defaultRoute: defaultRoute(tables.RouteTables ?? [], subnetId),
      endpoints: known,
      securityGroups: await describeGroups(access, [...groupIds]),
      aclEntries: (acl?.Entries ?? []).map(aclEntryOf),
    };
  } finally {
    client.destroy();
  }
}

export async function describeGroups(access: AwsAccess, ids: readonly string[]): Promise<SecurityGroup[]> {
  if (ids.length === 0) return [];
  const client = new EC2Client(access.options());
  const command = new DescribeSecurityGroupsCommand({ GroupIds: [...ids] });
  try {
    const reply = await callAws('ec2:DescribeSecurityGroups', (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    return (reply.SecurityGroups ?? []).map((group) => ({
      id: group.GroupId ?? '',
      ingress: (group.IpPermissions ?? []).map(ruleOf),
      egress: (group.IpPermissionsEgress ?? []).map(ruleOf),
    }));
  } finally {
    client.destroy();
  }
}

// The subnet's own table, else the main one of the VPC.
function defaultRoute(tables: readonly RouteTable[], subnetId: string): NetworkFacts['defaultRoute'] {
  const own = tables.find(({ Associations }) => Associations?.some((row) => row.SubnetId === subnetId));
  const main = tables.find(({ Associations }) => Associations?.some((row) => row.Main));
  const route = (own ?? main)?.Routes?.find(
    ({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0',
  );
  if (route === undefined) return null;
  const target =
    route.GatewayId ??
    route.NatGatewayId ??
    route.TransitGatewayId ??
    route.NetworkInterfaceId ??
    route.InstanceId;
  return { target: target ?? 'an unknown target', state: route.State ?? 'active' };
}

function endpointOf(endpoint: VpcEndpoint): Endpoint {
  return {
    id: endpoint.VpcEndpointId ?? '',
    service: endpoint.ServiceName?.split('.').at(-1) ?? '',
    state: endpoint.State ?? 'unknown',
    privateDns: endpoint.PrivateDnsEnabled ?? false,
    subnetIds: endpoint.SubnetIds ?? [],
    securityGroupIds: (endpoint.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    policy: endpoint.PolicyDocument ?? null,
  };
}

function ruleOf(permission: IpPermission): Rule {
  return {
    protocol: permission.IpProtocol ?? '-1',
    fromPort: permission.FromPort ?? 0,
    toPort: permission.ToPort ?? 65_535,
    cidrs: (permission.IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
    groups: (permission.UserIdGroupPairs ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    prefixLists: (permission.PrefixListIds ?? []).flatMap(({ PrefixListId }) => PrefixListId ?? []),
  };
}

function aclEntryOf(entry: NetworkAclEntry): AclEntry {
  return {
    number: entry.RuleNumber ?? 32_767,
    isEgress: entry.Egress ?? false,
    isAllow: entry.RuleAction === 'allow',
    protocol: entry.Protocol ?? '-1',
    cidr: entry.CidrBlock ?? '',
    fromPort: entry.PortRange?.From ?? 0,
    toPort: entry.PortRange?.To ?? 65_535,
  };
}
