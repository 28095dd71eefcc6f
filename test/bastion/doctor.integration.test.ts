import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { awsAccess } from '../../src/bastion/aws/clients.js';
import { examine } from '../../src/bastion/doctor/doctor.js';
import {
  AwsFault,
  type FakeHandlers,
  type RunningFakeAws,
  startFakeAws,
} from '../helpers/aws-model/fake-aws.js';
import { type Moto, startMoto } from '../helpers/moto.js';
import { describeWith } from '../helpers/parts.js';
import { runRoc } from '../helpers/roc.js';
import {
  acl,
  database,
  endpoint,
  healthyAccount,
  instance,
  managed,
  preferences,
  routes,
  simulated,
  TARGET,
} from '../helpers/ssm-gateway/account.js';

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' };
const oneInstance = (more: Record<string, unknown>) => () => ({
  Reservations: [{ Instances: [{ ...instance, ...more }] }],
});
const oneManaged = (more: Record<string, unknown>) => () => ({
  InstanceInformationList: [{ ...managed, ...more }],
});
const groups =
  (egress: unknown[], ingress: unknown[]) =>
  ({ GroupIds }: Record<string, never>) => ({
    SecurityGroups: (GroupIds as unknown as string[]).map((GroupId) => ({
      GroupId,
      GroupName: GroupId,
      IpPermissions: ingress,
      IpPermissionsEgress: egress,
    })),
  });
const any = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

const BROKEN: [id: string, verdict: 'fail' | 'warn', change: FakeHandlers][] = [
  [
    'caller-permissions',
    'fail',
    { 'iam:SimulatePrincipalPolicy': simulated((action) => action !== 'ssm:StartSession') },
  ],
  [
    'role-permissions',
    'fail',
    { 'iam:SimulatePrincipalPolicy': simulated((action) => !action.startsWith('ssmmessages')) },
  ],
  [
    'instance-running',
    'fail',
    { 'ec2:DescribeInstances': oneInstance({ State: { Code: 80, Name: 'stopped' } }) },
  ],
  [
    'agent-registered',
    'fail',
    { 'ssm:DescribeInstanceInformation': () => ({ InstanceInformationList: [] }) },
  ],
  [
    'agent-online',
    'fail',
    { 'ssm:DescribeInstanceInformation': oneManaged({ PingStatus: 'ConnectionLost' }) },
  ],
  [
    'agent-silence',
    'warn',
    { 'ssm:DescribeInstanceInformation': oneManaged({ LastPingDateTime: new Date(Date.now() - 3.6e6) }) },
  ],
  ['agent-version', 'fail', { 'ssm:DescribeInstanceInformation': oneManaged({ AgentVersion: '2.2.0.0' }) }],
  ['operating-system', 'warn', { 'ssm:DescribeInstanceInformation': oneManaged({ PlatformVersion: '2' }) }],
  [
    'connection-status',
    'fail',
    { 'ssm:GetConnectionStatus': () => ({ Target: TARGET, Status: 'notconnected' }) },
  ],
  ['instance-profile', 'fail', { 'ec2:DescribeInstances': oneInstance({ IamInstanceProfile: undefined }) }],
  [
    'metadata-service',
    'fail',
    { 'ec2:DescribeInstances': oneInstance({ MetadataOptions: { HttpEndpoint: 'disabled' } }) },
  ],
  [
    'preferences',
    'warn',
    { 'ssm:GetDocument': () => preferences({ runAsEnabled: true, runAsDefaultUser: 'ops' }) },
  ],
  [
    'encryption-key',
    'fail',
    {
      'ssm:GetDocument': () => preferences({ kmsKeyId: 'key' }),
      'kms:DescribeKey': () => ({ KeyMetadata: { KeyId: 'key', KeyState: 'PendingDeletion' } }),
    },
  ],
  ['route', 'fail', { 'ec2:DescribeRouteTables': () => routes([]) }],
  [
    'endpoint-dns',
    'fail',
    { 'ec2:DescribeVpcEndpoints': () => ({ VpcEndpoints: [endpoint('ssm', { PrivateDnsEnabled: false })] }) },
  ],
  [
    'endpoint-state',
    'fail',
    { 'ec2:DescribeVpcEndpoints': () => ({ VpcEndpoints: [endpoint('ssm', { State: 'Pending' })] }) },
  ],
  [
    'endpoint-security-group',
    'fail',
    {
      'ec2:DescribeVpcEndpoints': () => ({ VpcEndpoints: [endpoint('ssm')] }),
      'ec2:DescribeSecurityGroups': groups([any], []),
    },
  ],
  [
    'endpoint-policy',
    'warn',
    { 'ec2:DescribeVpcEndpoints': () => ({ VpcEndpoints: [endpoint('ssm', { PolicyDocument: '{}' })] }) },
  ],
  ['egress', 'fail', { 'ec2:DescribeSecurityGroups': groups([], [any]) }],
  ['network-acl', 'fail', { 'ec2:DescribeNetworkAcls': () => acl([]) }],
  [
    'log-endpoints',
    'fail',
    {
      'ssm:GetDocument': () => preferences({ cloudWatchLogGroupName: '/ssm' }),
      'ec2:DescribeRouteTables': () => routes([]),
    },
  ],
  [
    'database-status',
    'fail',
    { 'rds:DescribeDBInstances': () => ({ DBInstances: [{ ...database, DBInstanceStatus: 'stopped' }] }) },
  ],
  ['database-security-group', 'fail', { 'ec2:DescribeSecurityGroups': groups([any], []) }],
  [
    'database-iam',
    'warn',
    {
      'rds:DescribeDBInstances': () => ({
        DBInstances: [{ ...database, IAMDatabaseAuthenticationEnabled: false }],
      }),
    },
  ],
  [
    'recent-errors',
    'warn',
    {
      'cloudtrail:LookupEvents': () => ({
        Events: [
          {
            EventName: 'StartSession',
            EventTime: new Date(),
            CloudTrailEvent: JSON.stringify({
              errorCode: 'TargetNotConnected',
              requestParameters: { target: TARGET },
            }),
          },
        ],
      }),
    },
  ],
];

describeWith('botocore', 'the doctor against a strict fake of AWS', () => {
  let fake: RunningFakeAws;
  beforeEach(async () => {
    fake = await startFakeAws(healthyAccount());
    Object.assign(process.env, CREDENTIALS);
  });
  afterEach(() => fake.close());

  const look = async (change: FakeHandlers = {}) => {
    fake.handlers = { ...fake.handlers, ...change };
    const access = awsAccess({ region: 'us-east-1', endpointUrl: fake.url });
    return examine({ access, target: TARGET, database: 'orders', env: {}, now: Date.now });
  };

  it('asks only what AWS knows and finds a healthy instance healthy', async () => {
    const checks = await look();
    expect(fake.problems).toEqual([]);
    expect(checks.filter(({ verdict }) => !['pass', 'notApplicable'].includes(verdict))).toEqual([]);
  });

  it.each(BROKEN)('%s: %s', async (id, verdict, change) => {
    const check = (await look(change)).find((row) => row.id === id);
    expect(check).toMatchObject({ id, verdict });
    expect(check?.fix).not.toBe('');
    expect(fake.problems).toEqual([]);
  });

  it('calls unknown what it may not see, and goes on', async () => {
    const denied = () => {
      throw new AwsFault('AccessDenied', 'User is not authorized', 403);
    };
    const checks = await look({ 'iam:SimulatePrincipalPolicy': denied, 'cloudtrail:LookupEvents': denied });
    const unknown = checks.filter(({ verdict }) => verdict === 'unknown').map(({ id }) => id);
    expect(unknown).toEqual(['caller-permissions', 'recent-errors', 'role-permissions']);
    expect(checks.find(({ id }) => id === 'recent-errors')?.evidence).toMatch(
      /cloudtrail:LookupEvents: AWS refused it/,
    );
  });

  it('runs by itself when StartSession says that the target is not connected', async () => {
    fake.handlers = {
      ...fake.handlers,
      'ec2:DescribeInstances': oneInstance({ State: { Code: 80, Name: 'stopped' } }),
      'ssm:StartSession': () => {
        throw new AwsFault('TargetNotConnected', `${TARGET} is not connected.`);
      },
    };
    const env = { ...CREDENTIALS, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: fake.url };
    const result = await runRoc(['bastion', 'exec', TARGET, '--', 'true'], { env });
    expect(result.stderr).toMatch(
      /not connected to Session Manager: the instance is stopped \(instance-running\)/,
    );
    expect(result.stderr).toMatch(/next: Start it: aws ec2 start-instances/);
    expect(result.exitCode).toBe(5);
  });

  it('a database that was named and is not there is a failure, not nothing to look at', async () => {
    const missing = (code: string) => () => {
      throw new AwsFault(code, 'not found', 404);
    };
    const checks = await look({
      'rds:DescribeDBInstances': missing('DBInstanceNotFound'),
      'rds:DescribeDBClusters': missing('DBClusterNotFoundFault'),
    });
    const about = checks.filter(({ id }) => id.startsWith('database-'));
    expect(about.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['database-status', 'fail'],
      ['database-security-group', 'notApplicable'],
      ['database-iam', 'notApplicable'],
    ]);
    expect(about[0]?.evidence).toBe('RDS has no instance or cluster orders in us-east-1');
  });

  it('without credentials it fails: to know nothing is not to find nothing wrong', async () => {
    const expired = () => {
      throw new AwsFault('ExpiredToken', 'The security token included in the request is expired', 403);
    };
    const checks = await look(Object.fromEntries(Object.keys(fake.handlers).map((call) => [call, expired])));
    expect(checks.find(({ id }) => id === 'caller-identity')).toMatchObject({
      verdict: 'fail',
      evidence: 'sts:GetCallerIdentity: the AWS credentials have expired',
    });
  });

  it('the command ends with 3 when a check fails, and with --json prints every check', async () => {
    fake.handlers = { ...fake.handlers, 'ec2:DescribeRouteTables': () => routes([]) };
    const env = { ...CREDENTIALS, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: fake.url };
    const result = await runRoc(['bastion', 'doctor', TARGET, '--json'], { env });
    expect(result.exitCode).toBe(3);
    const { checks } = result.json<{
      checks: { id: string; verdict: string; evidence: string; fix: string }[];
    }>();
    expect(checks.find(({ id }) => id === 'route')).toEqual({
      id: 'route',
      verdict: 'fail',
      evidence: 'no default route, and no endpoint for ssm, ssmmessages',
      fix: 'Add a NAT gateway, or interface endpoints for ssm, ssmmessages.',
    });
  });
});

describeWith('aws', 'the doctor against moto', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
    Object.assign(process.env, CREDENTIALS);
  });
  afterAll(() => moto.stop());

  it('sees a real instance in a closed network as it is', async () => {
    const ec2 = new EC2Client({ endpoint: moto.url, region: 'us-east-1' });
    const vpc = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
    const subnet = await ec2.send(
      new CreateSubnetCommand({ VpcId: vpc.Vpc?.VpcId, CidrBlock: '10.9.1.0/24' }),
    );
    const made = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: 'shut', Description: 'shut', VpcId: vpc.Vpc?.VpcId }),
    );
    const group = made.GroupId ?? '';
    const run = await ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-12c6146b',
        MinCount: 1,
        MaxCount: 1,
        SubnetId: subnet.Subnet?.SubnetId,
        SecurityGroupIds: [group],
      }),
    );
    const target = run.Instances?.[0]?.InstanceId ?? '';
    await ec2.send(
      new RevokeSecurityGroupEgressCommand({
        GroupId: group,
        IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      }),
    );
    const access = awsAccess({ region: 'us-east-1', endpointUrl: moto.url });
    const checks = await examine({ access, target, database: 'none', env: {}, now: Date.now });
    const verdicts = Object.fromEntries(checks.map(({ id, verdict }) => [id, verdict]));
    expect(verdicts).toMatchObject({
      'caller-identity': 'pass',
      'instance-running': 'pass',
      'instance-profile': 'fail',
      route: 'fail',
      egress: 'fail',
    });
  });
});
