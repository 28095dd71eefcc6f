/** A small account for the gateway: two Linux instances, one stopped, a Windows one, a machine elsewhere. */
import type { FakeHandlers } from '../aws-model/fake-aws.js';

interface Row {
  id: string;
  name: string;
  ip: string;
  state: string;
  ping?: string;
  platform?: [type: string, name: string, version: string];
  env: string;
}

const ROWS: readonly Row[] = [
  {
    id: 'i-0123456789abcdef0',
    name: 'bastion',
    ip: '10.0.1.10',
    state: 'running',
    ping: 'Online',
    platform: ['Linux', 'Amazon Linux', '2023'],
    env: 'prod',
  },
  {
    id: 'i-0123456789abcdef1',
    name: 'api',
    ip: '10.0.1.11',
    state: 'running',
    ping: 'Online',
    platform: ['Linux', 'Amazon Linux', '2'],
    env: 'prod',
  },
  { id: 'i-0123456789abcdef2', name: 'old', ip: '10.0.1.12', state: 'stopped', env: 'dev' },
  {
    id: 'i-0123456789abcdef3',
    name: 'desk',
    ip: '10.0.1.13',
    state: 'running',
    ping: 'ConnectionLost',
    platform: ['Windows', 'Microsoft Windows Server 2022', '10.0'],
    env: 'dev',
  },
];

/** Answers that honour the filters roc sends, and no others. */
export function fakeFleet(): FakeHandlers {
  return {
    'ec2:DescribeInstances': ({ Filters }) => {
      const rows = ROWS.filter((row) => ((Filters ?? []) as Filter[]).every((filter) => passes(row, filter)));
      return { Reservations: rows.map((row) => ({ Instances: [instance(row)] })) };
    },
    'ssm:DescribeInstanceInformation': ({ Filters }) => {
      const ids = ((Filters ?? []) as { Key: string; Values: string[] }[]).find(
        ({ Key }) => Key === 'InstanceIds',
      )?.Values;
      const rows = ROWS.filter(
        ({ id, ping }) => ping !== undefined && (ids === undefined || ids.includes(id)),
      );
      return { InstanceInformationList: rows.map(information) };
    },
  };
}

interface Filter {
  Name: string;
  Values: string[];
}

function passes(row: Row, { Name, Values }: Filter): boolean {
  const actual: Record<string, string> = {
    'instance-state-name': row.state,
    'instance-id': row.id,
    'private-ip-address': row.ip,
    'private-dns-name': dns(row),
    'tag:Name': row.name,
    'tag:Env': row.env,
  };
  const value = actual[Name];
  return (
    value !== undefined &&
    Values.some((wanted) => new RegExp(`^${wanted.replaceAll('*', '.*')}$`).test(value))
  );
}

function dns(row: Row): string {
  return `ip-${row.ip.replaceAll('.', '-')}.ec2.internal`;
}

function instance(row: Row) {
  return {
    InstanceId: row.id,
    State: { Code: row.state === 'running' ? 16 : 80, Name: row.state },
    PrivateIpAddress: row.ip,
    PrivateDnsName: dns(row),
    Placement: { AvailabilityZone: 'us-east-1a' },
    PlatformDetails: row.platform?.[0] === 'Windows' ? 'Windows' : 'Linux/UNIX',
    Tags: [
      { Key: 'Name', Value: row.name },
      { Key: 'Env', Value: row.env },
    ],
  };
}

function information(row: Row) {
  const [PlatformType, PlatformName, PlatformVersion] = row.platform ?? ['Linux', 'Linux', ''];
  return {
    InstanceId: row.id,
    PingStatus: row.ping,
    LastPingDateTime: new Date(),
    AgentVersion: '3.3.987.0',
    PlatformType,
    PlatformName,
    PlatformVersion,
    IPAddress: row.ip,
    ComputerName: dns(row),
    ResourceType: 'EC2Instance',
  };
}
