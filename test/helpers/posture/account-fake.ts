/** Strict fake of an account in which every control holds; tests spoil the answers of single operations. */
import { createServer, request as send } from 'node:http';
import { AwsFault, createFakeAws, type FakeHandlers } from '../aws-model/fake-aws.js';
import { startRestJsonFake } from '../aws-model/rest-json-fake.js';
import { answerRest } from '../cloudformation/fake-rest.js';

export const VPC = 'vpc-0123456789abcdef0';
export const NOW = Date.UTC(2026, 10, 22, 4, 0);
const OF = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
const DAY = 86_400_000;

/** By `service:Operation`, whatever its protocol is. */
export type Answers = Record<string, (input: Record<string, unknown>) => unknown>;

export interface FakeAccount {
  readonly url: string;
  readonly problems: string[];
  /** Put in the place of what a well account answers. */
  spoiled: Answers;
  /** Answers to calls that no control makes. */
  readonly extra: FakeHandlers;
  /** Calls that end in AccessDenied. */
  readonly refused: Set<string>;
  close(): Promise<void>;
}

const REST_JSON = ['guardduty', 'securityhub', 'inspector2', 'backup'];

export async function startFakeAccount(): Promise<FakeAccount> {
  const fake = { spoiled: {} as Answers, extra: {} as FakeHandlers, refused: new Set<string>() };
  const answers: Answers = Object.fromEntries(
    Object.keys(WELL).map((call) => [
      call,
      (input: Record<string, unknown>) => {
        if (fake.refused.has(call))
          throw new AwsFault('AccessDenied', `not authorized to perform: ${call}`, 403);
        return (fake.spoiled[call] ?? WELL[call]!)(input);
      },
    ]),
  );
  const aws = createFakeAws({});
  const rest = await startRestJsonFake(REST_JSON, answers as never);
  const server = createServer((incoming, response) => {
    const service = /\/([a-z0-9-]+)\/aws4_request/.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
    if (REST_JSON.includes(service)) {
      const onwards = send(
        `${rest.url}${incoming.url}`,
        { method: incoming.method, headers: incoming.headers },
        (reply) => {
          response.writeHead(reply.statusCode ?? 500, reply.headers);
          reply.pipe(response);
        },
      );
      incoming.pipe(onwards);
      return;
    }
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      if (service === 's3') {
        const { status, headers, body: text } = answerRest('s3', answers as never, aws, incoming, body);
        response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(text);
        return;
      }
      aws.handlers = { ...(answers as FakeHandlers), ...fake.extra };
      const reply = aws.handle(incoming, body);
      response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return Object.assign(fake, {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    get problems() {
      return [...aws.problems, ...rest.problems];
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rest.close();
    },
  });
}

const all = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
const web = (port: number) => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp: '0.0.0.0/0' }],
});
const from = (group: string, port: number) => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  UserIdGroupPairs: [{ GroupId: group }],
});
const group = (id: string, name: string, ingress: object[], egress: object[]) => ({
  ...{ GroupId: id, GroupName: name, VpcId: VPC, IpPermissions: ingress, IpPermissionsEgress: egress },
});
const managed = (Name: string, Priority: number) => ({
  ...{
    Name,
    Priority,
    OverrideAction: { None: {} },
    Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } },
  },
  VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: Name },
});

export const GROUPS = {
  balancer: group('sg-balancer', 'balancer', [web(443), web(80)], [from('sg-server', 8443)]),
  server: group('sg-server', 'server', [from('sg-balancer', 8443)], [{ ...web(443) }]),
  database: group('sg-database', 'database', [from('sg-server', 3306)], []),
  default: group('sg-default', 'default', [], []),
  everything: all,
};

export const INSTANCE = {
  ...{ InstanceId: 'i-1', KeyName: undefined, MetadataOptions: { HttpTokens: 'required' } },
  ...{ Placement: { AvailabilityZone: 'eu-west-1a' }, SecurityGroups: [{ GroupId: 'sg-server' }] },
};

export const DATABASE = {
  ...{
    DBInstanceIdentifier: 'db',
    Engine: 'mysql',
    StorageEncrypted: true,
    PubliclyAccessible: false,
    MultiAZ: true,
  },
  ...{ BackupRetentionPeriod: 14, DeletionProtection: true, AutoMinorVersionUpgrade: true },
  DBSubnetGroup: { VpcId: VPC },
  DBParameterGroups: [{ DBParameterGroupName: 'own' }],
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-database' }],
};

const INSTANCES = [
  INSTANCE,
  { ...INSTANCE, InstanceId: 'i-2', Placement: { AvailabilityZone: 'eu-west-1b' } },
];

export const WELL: Answers = {
  'sts:GetCallerIdentity': () => ({
    UserId: 'A',
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/a',
  }),
  'ec2:DescribeInstances': () => ({ Reservations: [{ Instances: INSTANCES }] }),
  'ec2:DescribeSecurityGroups': () => ({
    SecurityGroups: [GROUPS.balancer, GROUPS.server, GROUPS.database, GROUPS.default],
  }),
  'ec2:DescribeVolumes': () => ({
    Volumes: [{ VolumeId: 'vol-1', Encrypted: true, Attachments: [{ InstanceId: 'i-1' }] }],
  }),
  'ec2:DescribeVpcs': () => ({ Vpcs: [{ VpcId: VPC }] }),
  'ec2:DescribeFlowLogs': () => ({
    FlowLogs: [{ ResourceId: VPC, FlowLogStatus: 'ACTIVE', TrafficType: 'ALL' }],
  }),
  'ssm:DescribeInstanceInformation': () => ({
    InstanceInformationList: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2' }],
  }),
  'ssm:GetDocument': () => ({ Content: JSON.stringify({ inputs: { cloudWatchLogGroupName: 'sessions' } }) }),
  'elbv2:DescribeLoadBalancers': () => ({
    LoadBalancers: [
      {
        ...{ LoadBalancerArn: `${OF}:loadbalancer/app/roc/1`, LoadBalancerName: 'roc', Type: 'application' },
        ...{ Scheme: 'internet-facing', VpcId: VPC, SecurityGroups: ['sg-balancer'] },
      },
    ],
  }),
  'elbv2:DescribeLoadBalancerAttributes': () => ({
    Attributes: [
      { Key: 'access_logs.s3.enabled', Value: 'true' },
      { Key: 'access_logs.s3.bucket', Value: 'logs' },
    ],
  }),
  'elbv2:DescribeListeners': () => ({
    Listeners: [
      { Port: 443, Protocol: 'HTTPS', SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06', DefaultActions: [] },
      {
        ...{ Port: 80, Protocol: 'HTTP' },
        DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', StatusCode: 'HTTP_301' } }],
      },
    ],
  }),
  'wafv2:GetWebACLForResource': () => ({
    WebACL: {
      ...{ Name: 'roc', Id: 'x', ARN: 'arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/roc/x' },
      ...{ DefaultAction: { Allow: {} }, VisibilityConfig: managed('x', 0).VisibilityConfig },
      Rules: [managed('AWSManagedRulesCommonRuleSet', 0), managed('AWSManagedRulesSQLiRuleSet', 1)],
    },
  }),
  'rds:DescribeDBInstances': () => ({ DBInstances: [DATABASE] }),
  'rds:DescribeDBParameters': () => ({
    Parameters: [{ ParameterName: 'require_secure_transport', ParameterValue: '1' }],
  }),
  'backup:ListRestoreJobs': () => ({ RestoreJobs: [{ CompletionDate: new Date(NOW - 3 * DAY) }] }),
  'secretsmanager:DescribeSecret': () => ({
    ...{ Name: 'db', RotationEnabled: true, LastChangedDate: new Date(NOW - 20 * DAY) },
  }),
  'secretsmanager:ListSecrets': () => ({ SecretList: [] }),
  's3:GetPublicAccessBlock': () => ({
    PublicAccessBlockConfiguration: {
      ...{
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    },
  }),
  's3:GetBucketEncryption': () => ({
    ServerSideEncryptionConfiguration: {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
    },
  }),
  's3:GetBucketVersioning': () => ({ Status: 'Enabled' }),
  's3:GetBucketPolicy': () => ({
    Policy: JSON.stringify({
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: ['arn:aws:s3:::robots', 'arn:aws:s3:::robots/*'],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    }),
  }),
  'kms:GetKeyRotationStatus': () => ({ KeyRotationEnabled: true }),
  'ecr:DescribeRepositories': () => ({
    repositories: [
      {
        ...{ repositoryName: 'roc', imageTagMutability: 'IMMUTABLE' },
        imageScanningConfiguration: { scanOnPush: false },
      },
    ],
  }),
  'ecr:GetRegistryScanningConfiguration': () => ({
    scanningConfiguration: {
      scanType: 'ENHANCED',
      rules: [
        { scanFrequency: 'CONTINUOUS_SCAN', repositoryFilters: [{ filter: '*', filterType: 'WILDCARD' }] },
      ],
    },
  }),
  'logs:DescribeLogGroups': () => ({
    logGroups: [
      { logGroupName: '/roc/server', retentionInDays: 180, kmsKeyId: 'arn:aws:kms:eu-west-1:1:key/k' },
    ],
  }),
  'guardduty:ListDetectors': () => ({ DetectorIds: ['d'] }),
  'guardduty:GetDetector': () => ({ Status: 'ENABLED', ServiceRole: 'arn:aws:iam::1:role/r' }),
  'securityhub:DescribeHub': () => ({ HubArn: 'arn:aws:securityhub:eu-west-1:1:hub/default' }),
  'inspector2:BatchGetAccountStatus': () => ({
    accounts: [
      {
        accountId: '123456789012',
        state: on(),
        resourceState: { ec2: on(), ecr: on() },
      },
    ],
  }),
  'cloudtrail:DescribeTrails': () => ({
    trailList: [
      {
        ...{ Name: 'main', TrailARN: 'arn:aws:cloudtrail:eu-west-1:1:trail/main' },
        ...{ IsMultiRegionTrail: true, LogFileValidationEnabled: true },
      },
    ],
  }),
  'cloudtrail:GetTrailStatus': () => ({ IsLogging: true }),
  'config:DescribeConfigurationRecorders': () => ({
    ConfigurationRecorders: [{ name: 'default', recordingGroup: { allSupported: true } }],
  }),
  'config:DescribeConfigurationRecorderStatus': () => ({
    ConfigurationRecordersStatus: [{ name: 'default', recording: true }],
  }),
  'iam:GetAccountSummary': () => ({ SummaryMap: { AccountMFAEnabled: 1, AccountAccessKeysPresent: 0 } }),
};

function on() {
  return { status: 'ENABLED', errorCode: 'ALREADY_ENABLED', errorMessage: '' };
}
