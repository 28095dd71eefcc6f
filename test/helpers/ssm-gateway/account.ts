/** A healthy account as the strict fake tells it: one instance with everything a session needs. */
import { AwsFault, type FakeHandlers } from '../aws-model/fake-aws.js';

export const TARGET = 'i-0123456789abcdef0';
const ROLE = 'arn:aws:iam::123456789012:role/bastion';
const PROFILE = 'arn:aws:iam::123456789012:instance-profile/bastion';

const anyRule = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

export const instance = {
  InstanceId: TARGET,
  State: { Code: 16, Name: 'running' },
  SubnetId: 'subnet-1',
  VpcId: 'vpc-1',
  PrivateIpAddress: '10.0.1.10',
  SecurityGroups: [{ GroupId: 'sg-instance', GroupName: 'instance' }],
  IamInstanceProfile: { Arn: PROFILE, Id: 'AIPA' },
  MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
};

export const managed = {
  InstanceId: TARGET,
  PingStatus: 'Online',
  LastPingDateTime: new Date(),
  AgentVersion: '3.3.987.0',
  PlatformType: 'Linux',
  PlatformName: 'Amazon Linux',
  PlatformVersion: '2023',
};

const aclEntry = (Egress: boolean) => ({
  RuleNumber: 100,
  Protocol: '-1',
  RuleAction: 'allow',
  Egress,
  CidrBlock: '0.0.0.0/0',
});

export const acl = (entries: unknown[]) => ({
  NetworkAcls: [
    {
      NetworkAclId: 'acl-1',
      Associations: [{ SubnetId: 'subnet-1', NetworkAclId: 'acl-1' }],
      Entries: entries,
    },
  ],
});

export const routes = (routes: unknown[]) => ({
  RouteTables: [
    { RouteTableId: 'rtb-1', Associations: [{ Main: true, RouteTableId: 'rtb-1' }], Routes: routes },
  ],
});

export const endpoint = (service: string, more: Record<string, unknown> = {}) => ({
  VpcEndpointId: `vpce-${service}`,
  ServiceName: `com.amazonaws.us-east-1.${service}`,
  State: 'Available',
  PrivateDnsEnabled: true,
  SubnetIds: ['subnet-1'],
  Groups: [{ GroupId: 'sg-endpoint', GroupName: 'endpoint' }],
  PolicyDocument: '{"Statement":[{"Effect":"Allow","Action":"*","Principal":"*","Resource":"*"}]}',
  ...more,
});

export const database = {
  DBInstanceIdentifier: 'orders',
  Engine: 'mysql',
  DBInstanceStatus: 'available',
  Endpoint: { Address: 'orders.abc.us-east-1.rds.amazonaws.com', Port: 3306 },
  IAMDatabaseAuthenticationEnabled: true,
  MasterUsername: 'admin',
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-db', Status: 'active' }],
};

export const preferences = (inputs: Record<string, unknown>) => ({
  Name: 'SSM-SessionManagerRunShell',
  DocumentFormat: 'JSON',
  Content: JSON.stringify({ schemaVersion: '1.0', sessionType: 'Standard_Stream', inputs }),
});

export const simulated = (isAllowed: (action: string) => boolean) => (input: Record<string, never>) => {
  const [action] = input['ActionNames'] as unknown as string[];
  const [resource] = input['ResourceArns'] as unknown as string[];
  return {
    EvaluationResults: [
      {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: isAllowed(action ?? '') ? 'allowed' : 'implicitDeny',
      },
    ],
  };
};

export function healthyAccount(): FakeHandlers {
  return {
    'sts:GetCallerIdentity': () => ({
      UserId: 'AIDA',
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/ana',
    }),
    'iam:SimulatePrincipalPolicy': simulated(() => true),
    'iam:GetInstanceProfile': () => ({
      InstanceProfile: {
        Path: '/',
        InstanceProfileName: 'bastion',
        InstanceProfileId: 'AIPAAAAAAAAAAAAAAAAA',
        Arn: PROFILE,
        CreateDate: new Date(),
        Roles: [
          {
            Path: '/',
            RoleName: 'bastion',
            RoleId: 'AROAAAAAAAAAAAAAAAAA',
            Arn: ROLE,
            CreateDate: new Date(),
          },
        ],
      },
    }),
    'ec2:DescribeInstances': () => ({ Reservations: [{ Instances: [instance] }] }),
    'ec2:DescribeVpcs': () => ({
      Vpcs: [{ VpcId: 'vpc-1', CidrBlockAssociationSet: [{ AssociationId: 'a', CidrBlock: '10.0.0.0/16' }] }],
    }),
    'ec2:DescribeVpcAttribute': ({ Attribute }) =>
      Attribute === 'enableDnsSupport'
        ? { VpcId: 'vpc-1', EnableDnsSupport: { Value: true } }
        : { VpcId: 'vpc-1', EnableDnsHostnames: { Value: true } },
    'ec2:DescribeRouteTables': () =>
      routes([{ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1', State: 'active' }]),
    'ec2:DescribeVpcEndpoints': () => ({ VpcEndpoints: [] }),
    'ec2:DescribeNetworkAcls': () => acl([aclEntry(true), aclEntry(false)]),
    'ec2:DescribeSecurityGroups': ({ GroupIds }) => ({
      SecurityGroups: (GroupIds as unknown as string[]).map((GroupId) => ({
        GroupId,
        GroupName: GroupId,
        IpPermissions:
          GroupId === 'sg-instance'
            ? []
            : [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-instance' }] }],
        IpPermissionsEgress: [anyRule],
      })),
    }),
    'ssm:DescribeInstanceInformation': () => ({ InstanceInformationList: [managed] }),
    'ssm:GetConnectionStatus': () => ({ Target: TARGET, Status: 'connected' }),
    'ssm:DescribeSessions': () => ({ Sessions: [] }),
    'ssm:GetServiceSetting': () => ({ ServiceSetting: { SettingId: 's', SettingValue: '$None' } }),
    'ssm:GetDocument': () => {
      throw new AwsFault('InvalidDocument', 'Document with name SSM-SessionManagerRunShell does not exist.');
    },
    'kms:DescribeKey': () => ({ KeyMetadata: { KeyId: 'key', KeyState: 'Enabled' } }),
    'rds:DescribeDBInstances': () => ({ DBInstances: [database] }),
    'cloudtrail:LookupEvents': () => ({ Events: [] }),
  };
}
