/** Instances, their disks and networks, and how Systems Manager reaches them. */
import {
  EC2Client,
  type IpPermission,
  paginateDescribeFlowLogs,
  paginateDescribeInstances,
  paginateDescribeSecurityGroups,
  paginateDescribeVolumes,
  paginateDescribeVpcs,
} from '@aws-sdk/client-ec2';
import { GetDocumentCommand, paginateDescribeInstanceInformation, SSMClient } from '@aws-sdk/client-ssm';
import { awsFaultName } from '../../kernel/aws-call.js';
import type { PostureParts, Rule } from '../facts.js';
import type { AwsAccess } from './access.js';

/** Running ones, of one VPC or of the region. */
export async function readInstances(
  { client, collect }: AwsAccess,
  vpc: string | null,
): Promise<PostureParts['instances']> {
  const Filters = [
    { Name: 'instance-state-name', Values: ['pending', 'running'] },
    ...(vpc === null ? [] : [{ Name: 'vpc-id', Values: [vpc] }]),
  ];
  const reservations = await collect(
    'ec2:DescribeInstances',
    (abortSignal) => paginateDescribeInstances({ client: client(EC2Client) }, { Filters }, { abortSignal }),
    ({ Reservations }) => Reservations,
  );
  return reservations
    .flatMap(({ Instances = [] }) => Instances)
    .map((instance) => ({
      id: instance.InstanceId ?? '',
      zone: instance.Placement?.AvailabilityZone ?? '',
      publicAddress: instance.PublicIpAddress ?? null,
      keyName: instance.KeyName ?? null,
      tokens: instance.MetadataOptions?.HttpTokens ?? 'optional',
      securityGroups: (instance.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    }));
}

export async function readManaged({ client, collect }: AwsAccess): Promise<PostureParts['managed']> {
  return collect(
    'ssm:DescribeInstanceInformation',
    (abortSignal) =>
      paginateDescribeInstanceInformation(
        { client: client(SSMClient) },
        { Filters: [{ Key: 'PingStatus', Values: ['Online'] }] },
        { abortSignal },
      ),
    ({ InstanceInformationList }) => InstanceInformationList?.flatMap(({ InstanceId }) => InstanceId ?? []),
  );
}

export async function readSessions({ client, ask }: AwsAccess): Promise<PostureParts['sessions']> {
  try {
    const { Content = '{}' } = await ask('ssm:GetDocument', (abortSignal) =>
      client(SSMClient).send(
        // Somebody may have written it in YAML.
        new GetDocumentCommand({ Name: 'SSM-SessionManagerRunShell', DocumentFormat: 'JSON' }),
        { abortSignal },
      ),
    );
    const { inputs = {} } = JSON.parse(Content) as { inputs?: Record<string, string> };
    return { logGroup: inputs['cloudWatchLogGroupName'] || null, bucket: inputs['s3BucketName'] || null };
  } catch (error) {
    // Nobody has set preferences in this region yet.
    if (awsFaultName(error) === 'InvalidDocument') return { logGroup: null, bucket: null };
    throw error;
  }
}

export async function readSecurityGroups(
  { client, collect }: AwsAccess,
  vpc: string | null,
): Promise<PostureParts['securityGroups']> {
  const groups = await collect(
    'ec2:DescribeSecurityGroups',
    (abortSignal) =>
      paginateDescribeSecurityGroups({ client: client(EC2Client) }, inVpc(vpc), { abortSignal }),
    ({ SecurityGroups }) => SecurityGroups,
  );
  return groups.map((group) => ({
    id: group.GroupId ?? '',
    name: group.GroupName ?? '',
    vpcId: group.VpcId ?? '',
    ingress: (group.IpPermissions ?? []).map(ruleOf),
    egress: (group.IpPermissionsEgress ?? []).map(ruleOf),
  }));
}

/** Those of the instances that are named, else all of the region. */
export async function readVolumes(
  { client, collect }: AwsAccess,
  instanceIds: readonly string[] | null,
): Promise<PostureParts['volumes']> {
  const volumes = await collect(
    'ec2:DescribeVolumes',
    (abortSignal) => paginateDescribeVolumes({ client: client(EC2Client) }, {}, { abortSignal }),
    ({ Volumes }) => Volumes,
  );
  return volumes
    .filter(
      ({ Attachments = [] }) =>
        instanceIds === null || Attachments.some(({ InstanceId = '' }) => instanceIds.includes(InstanceId)),
    )
    .map(({ VolumeId = '', Encrypted = false }) => ({ id: VolumeId, isEncrypted: Encrypted }));
}

export async function readFlowLogs({ client, collect }: AwsAccess): Promise<PostureParts['flowLogs']> {
  const logs = await collect(
    'ec2:DescribeFlowLogs',
    (abortSignal) => paginateDescribeFlowLogs({ client: client(EC2Client) }, {}, { abortSignal }),
    ({ FlowLogs }) => FlowLogs,
  );
  return logs.map(({ ResourceId = '', FlowLogStatus, TrafficType = '' }) => ({
    vpcId: ResourceId,
    isActive: FlowLogStatus === 'ACTIVE',
    traffic: TrafficType,
  }));
}

export async function readVpcs(
  { client, collect }: AwsAccess,
  vpc: string | null,
): Promise<PostureParts['vpcs']> {
  return collect(
    'ec2:DescribeVpcs',
    (abortSignal) => paginateDescribeVpcs({ client: client(EC2Client) }, inVpc(vpc), { abortSignal }),
    ({ Vpcs }) => Vpcs?.flatMap(({ VpcId }) => VpcId ?? []),
  );
}

function inVpc(vpc: string | null): { Filters?: { Name: string; Values: string[] }[] } {
  return vpc === null ? {} : { Filters: [{ Name: 'vpc-id', Values: [vpc] }] };
}

function ruleOf(permission: IpPermission): Rule {
  return {
    protocol: permission.IpProtocol ?? '-1',
    from: permission.FromPort ?? 0,
    to: permission.ToPort ?? 65_535,
    cidrs: [
      ...(permission.IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
      ...(permission.Ipv6Ranges ?? []).flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
      // A list of addresses is addresses, whatever is in it.
      ...(permission.PrefixListIds ?? []).flatMap(({ PrefixListId }) => PrefixListId ?? []),
    ],
    groups: (permission.UserIdGroupPairs ?? []).flatMap(({ GroupId }) => GroupId ?? []),
  };
}
