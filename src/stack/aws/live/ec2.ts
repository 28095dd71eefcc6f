/** Live security groups, instances, launch templates, flow logs and endpoints. */
import {
  DescribeFlowLogsCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
  type Instance,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import type { AwsAccess } from '../access.js';
import { callAws } from '../call.js';
import { type LiveFacts, type LiveReader, orNull } from './live-facts.js';

/** Rules as lines: `tcp 443 10.0.0.0/8`, `all all sg-1`; sorted. */
export const readSecurityGroup: LiveReader = async (access, { physicalId }) => {
  const reply = await orNull(/^InvalidGroup/, () =>
    callAws('ec2:DescribeSecurityGroups', (abortSignal) =>
      access
        .client(EC2Client)
        .send(new DescribeSecurityGroupsCommand({ GroupIds: [physicalId] }), { abortSignal }),
    ),
  );
  const group = reply?.SecurityGroups?.[0];
  if (group === undefined) return null;
  return {
    ingress: (group.IpPermissions ?? []).flatMap(lines).sort(),
    egress: (group.IpPermissionsEgress ?? []).flatMap(lines).sort(),
  };
};

function lines(permission: IpPermission): string[] {
  const { IpProtocol = '-1', FromPort, ToPort } = permission;
  const protocol = IpProtocol === '-1' ? 'all' : IpProtocol;
  const ports = protocol === 'all' ? 'all' : FromPort === ToPort ? `${FromPort}` : `${FromPort}-${ToPort}`;
  const peers = [
    ...(permission.IpRanges ?? []).map(({ CidrIp }) => CidrIp),
    ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6),
    ...(permission.UserIdGroupPairs ?? []).map(({ GroupId }) => GroupId),
    ...(permission.PrefixListIds ?? []).map(({ PrefixListId }) => PrefixListId),
  ];
  return peers.map((peer) => `${protocol} ${ports} ${peer}`);
}

export const readInstance: LiveReader = async (access, { physicalId }) => {
  const [instance] = await describeInstances(access, [physicalId]);
  return instance === undefined ? null : instanceFacts(instance);
};

export async function describeInstances(access: AwsAccess, ids: readonly string[]): Promise<Instance[]> {
  if (ids.length === 0) return [];
  const reply = await orNull(/^InvalidInstanceID/, () =>
    callAws('ec2:DescribeInstances', (abortSignal) =>
      access.client(EC2Client).send(new DescribeInstancesCommand({ InstanceIds: [...ids] }), { abortSignal }),
    ),
  );
  return (reply?.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
}

export function instanceFacts(instance: Instance): LiveFacts {
  return {
    'MetadataOptions.HttpTokens': instance.MetadataOptions?.HttpTokens ?? 'optional',
    publicAddress: instance.PublicIpAddress ?? null,
    IamInstanceProfile: instance.IamInstanceProfile?.Arn?.split('/').at(-1) ?? null,
    KeyName: instance.KeyName ?? null,
  };
}

export const readLaunchTemplate: LiveReader = async (access, { physicalId }) => {
  const reply = await orNull(/^InvalidLaunchTemplate/, () =>
    callAws('ec2:DescribeLaunchTemplateVersions', (abortSignal) =>
      access
        .client(EC2Client)
        .send(
          new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: physicalId, Versions: ['$Latest'] }),
          { abortSignal },
        ),
    ),
  );
  const data = reply?.LaunchTemplateVersions?.[0]?.LaunchTemplateData;
  if (data === undefined) return null;
  const at = (path: string) => `LaunchTemplateData.${path}`;
  return {
    [at('MetadataOptions.HttpTokens')]: data.MetadataOptions?.HttpTokens ?? 'optional',
    [at('MetadataOptions.HttpPutResponseHopLimit')]: data.MetadataOptions?.HttpPutResponseHopLimit ?? 1,
    [at('BlockDeviceMappings.0.Ebs.Encrypted')]: data.BlockDeviceMappings?.[0]?.Ebs?.Encrypted ?? false,
    [at('NetworkInterfaces.0.AssociatePublicIpAddress')]:
      data.NetworkInterfaces?.[0]?.AssociatePublicIpAddress ?? false,
    [at('KeyName')]: data.KeyName ?? null,
  };
};

export const readFlowLog: LiveReader = async (access, { physicalId }) => {
  const reply = await callAws('ec2:DescribeFlowLogs', (abortSignal) =>
    access.client(EC2Client).send(new DescribeFlowLogsCommand({ FlowLogIds: [physicalId] }), { abortSignal }),
  );
  const log = reply.FlowLogs?.[0];
  return log === undefined
    ? null
    : { TrafficType: log.TrafficType ?? null, status: log.FlowLogStatus ?? null };
};

export const readVpcEndpoint: LiveReader = async (access, { physicalId }) => {
  const reply = await orNull(/^InvalidVpcEndpointId/, () =>
    callAws('ec2:DescribeVpcEndpoints', (abortSignal) =>
      access
        .client(EC2Client)
        .send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [physicalId] }), { abortSignal }),
    ),
  );
  const endpoint = reply?.VpcEndpoints?.[0];
  if (endpoint === undefined) return null;
  return {
    state: endpoint.State?.toLowerCase() ?? null,
    PrivateDnsEnabled: endpoint.PrivateDnsEnabled ?? false,
    SecurityGroupIds: (endpoint.Groups ?? []).map(({ GroupId }) => GroupId),
  };
};
