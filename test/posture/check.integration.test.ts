import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkPosture } from '../../src/posture/check.js';
import { CONTROLS } from '../../src/posture/decide.js';
import type { Posture, Verdict } from '../../src/posture/model.js';
import { AwsFault } from '../helpers/aws-model/fake-aws.js';
import { describeWith } from '../helpers/parts.js';
import {
  type Answers,
  DATABASE,
  type FakeAccount,
  GROUPS,
  INSTANCE,
  NOW,
  startFakeAccount,
  VPC,
  WELL,
} from '../helpers/posture/account-fake.js';
import { projectRoot } from '../helpers/project.js';
import { runRoc } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const DAY = 86_400_000;
const OUTPUTS = {
  ...{
    account: '123456789012',
    region: 'eu-west-1',
    vpcId: VPC,
    dbSecretArn: 'arn:secret',
    robotsBucket: 'robots',
  },
  ...{ kmsKeyArn: 'arn:aws:kms:eu-west-1:1:key/k', logGroups: ['/roc/server'] },
};
const instance = (change: object) => () => ({ Reservations: [{ Instances: [{ ...INSTANCE, ...change }] }] });
const db = (change: object) => () => ({ DBInstances: [{ ...DATABASE, ...change }] });
const group = (name: 'balancer' | 'server' | 'database' | 'default', change: object) => () => ({
  SecurityGroups: (['balancer', 'server', 'database', 'default'] as const).map((one) =>
    one === name ? { ...GROUPS[one], ...change } : GROUPS[one],
  ),
});
const tcp = (port: number, cidr: string) => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp: cidr }],
});
const listener = (change: object) => () => ({
  Listeners: [{ Port: 443, Protocol: 'HTTPS', DefaultActions: [], ...change }],
});
const absent =
  (code: string, status = 404) =>
  () => {
    throw new AwsFault(code, code, status);
  };
const acl = (change: (rule: Record<string, unknown>, index: number) => object | null) => () => {
  const { WebACL } = WELL['wafv2:GetWebACLForResource']!({}) as {
    WebACL: { Rules: Record<string, unknown>[] };
  };
  return { WebACL: { ...WebACL, Rules: WebACL.Rules.map(change).filter((rule) => rule !== null) } };
};

/** What is spoiled, and the controls that fail for it; all others hold. */
const SPOILED: readonly [what: string, answers: Answers, failing: readonly string[]][] = [
  [
    'SSH from the office',
    { 'ec2:DescribeSecurityGroups': group('server', { IpPermissions: [tcp(22, '192.0.2.0/24')] }) },
    ['access.no-ssh'],
  ],
  [
    'RDP in a range of ports, from anywhere',
    {
      'ec2:DescribeSecurityGroups': group('server', {
        IpPermissions: [
          { ...tcp(3000, '::/0'), ToPort: 4000, IpRanges: [], Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
        ],
      }),
    },
    ['access.no-ssh', 'network.no-open-ingress'],
  ],
  [
    'both halves of the internet',
    {
      'ec2:DescribeSecurityGroups': group('server', {
        IpPermissions: [
          { ...tcp(8443, '0.0.0.0/1'), IpRanges: [{ CidrIp: '0.0.0.0/1' }, { CidrIp: '128.0.0.0/1' }] },
        ],
      }),
    },
    ['network.no-open-ingress'],
  ],
  [
    'the internet in four pieces',
    {
      'ec2:DescribeSecurityGroups': group('server', {
        IpPermissions: [
          {
            ...tcp(8443, '0.0.0.0/2'),
            IpRanges: ['0.0.0.0/2', '64.0.0.0/2', '128.0.0.0/2', '192.0.0.0/2'].map((CidrIp) => ({ CidrIp })),
          },
        ],
      }),
    },
    ['network.no-open-ingress'],
  ],
  [
    'SSH from a list of addresses',
    {
      'ec2:DescribeSecurityGroups': group('server', {
        IpPermissions: [{ ...tcp(22, ''), IpRanges: [], PrefixListIds: [{ PrefixListId: 'pl-1' }] }],
      }),
    },
    ['access.no-ssh'],
  ],
  [
    'a list of addresses at the database',
    {
      'ec2:DescribeSecurityGroups': group('database', {
        IpPermissions: [{ ...tcp(3306, ''), IpRanges: [], PrefixListIds: [{ PrefixListId: 'pl-1' }] }],
      }),
    },
    ['database.reached-by-servers'],
  ],
  [
    'another port of the balancer',
    { 'ec2:DescribeSecurityGroups': group('balancer', { IpPermissions: [tcp(8080, '0.0.0.0/0')] }) },
    ['network.no-open-ingress'],
  ],
  [
    'everything out',
    { 'ec2:DescribeSecurityGroups': group('server', { IpPermissionsEgress: [GROUPS.everything] }) },
    ['network.egress-limited'],
  ],
  [
    'rules in the default group',
    { 'ec2:DescribeSecurityGroups': group('default', { IpPermissionsEgress: [GROUPS.everything] }) },
    ['network.default-group-empty'],
  ],
  [
    'addresses at the database',
    { 'ec2:DescribeSecurityGroups': group('database', { IpPermissions: [tcp(3306, '10.0.0.0/8')] }) },
    ['database.reached-by-servers'],
  ],
  [
    'an instance in one zone, with a key, an address and old metadata',
    {
      'ec2:DescribeInstances': instance({
        KeyName: 'mine',
        PublicIpAddress: '192.0.2.7',
        MetadataOptions: { HttpTokens: 'optional' },
      }),
    },
    ['access.imdsv2', 'access.no-key-pair', 'access.no-public-address', 'compute.zones'],
  ],
  [
    'an instance without an agent',
    { 'ssm:DescribeInstanceInformation': () => ({ InstanceInformationList: [{ InstanceId: 'i-1' }] }) },
    ['access.managed'],
  ],
  [
    'sessions that nobody records',
    { 'ssm:GetDocument': absent('InvalidDocument', 400) },
    ['access.sessions-recorded'],
  ],
  [
    'a plain disk',
    {
      'ec2:DescribeVolumes': () => ({
        Volumes: [{ VolumeId: 'v', Encrypted: false, Attachments: [{ InstanceId: 'i-1' }] }],
      }),
    },
    ['data.disks-encrypted'],
  ],
  [
    'no flow logs',
    {
      'ec2:DescribeFlowLogs': () => ({
        FlowLogs: [{ ResourceId: 'vpc-other', FlowLogStatus: 'ACTIVE', TrafficType: 'ALL' }],
      }),
    },
    ['network.flow-logs'],
  ],
  [
    'HTTP without a redirect',
    { 'elbv2:DescribeListeners': listener({ Port: 80, Protocol: 'HTTP' }) },
    ['edge.https-only'],
  ],
  [
    'TLS 1.0',
    { 'elbv2:DescribeListeners': listener({ SslPolicy: 'ELBSecurityPolicy-2016-08' }) },
    ['edge.tls12'],
  ],
  [
    'TLS 1.3 and 1.0',
    { 'elbv2:DescribeListeners': listener({ SslPolicy: 'ELBSecurityPolicy-TLS13-1-0-2021-06' }) },
    ['edge.tls12'],
  ],
  ['no firewall', { 'wafv2:GetWebACLForResource': () => ({}) }, ['edge.waf']],
  [
    'a firewall that counts',
    { 'wafv2:GetWebACLForResource': acl((rule) => ({ ...rule, OverrideAction: { Count: {} } })) },
    ['edge.waf-rules'],
  ],
  [
    'a firewall without rules against SQL',
    { 'wafv2:GetWebACLForResource': acl((rule, i) => (i === 1 ? null : rule)) },
    ['edge.waf-rules'],
  ],
  [
    'no access logs',
    { 'elbv2:DescribeLoadBalancerAttributes': () => ({ Attributes: [] }) },
    ['edge.access-logs'],
  ],
  [
    'a careless database',
    {
      'rds:DescribeDBInstances': db({
        StorageEncrypted: false,
        PubliclyAccessible: true,
        MultiAZ: false,
        BackupRetentionPeriod: 3,
        DeletionProtection: false,
        AutoMinorVersionUpgrade: false,
      }),
    },
    [
      'backup.retention',
      'database.encrypted',
      'database.minor-upgrades',
      'database.multi-az',
      'database.not-public',
      'database.protected',
    ],
  ],
  [
    'a database that takes plain connections',
    {
      'rds:DescribeDBParameters': () => ({
        Parameters: [{ ParameterName: 'require_secure_transport', ParameterValue: '0' }],
      }),
    },
    ['database.tls'],
  ],
  [
    'a database of which RDS does not say whether it is public',
    { 'rds:DescribeDBInstances': db({ PubliclyAccessible: undefined }) },
    ['database.not-public'],
  ],
  [
    'a restore that is yet to come',
    { 'backup:ListRestoreJobs': () => ({ RestoreJobs: [{ CompletionDate: new Date(NOW + 99 * DAY) }] }) },
    ['backup.restore-tested'],
  ],
  ['no restore', { 'backup:ListRestoreJobs': () => ({ RestoreJobs: [] }) }, ['backup.restore-tested']],
  [
    'an old restore',
    { 'backup:ListRestoreJobs': () => ({ RestoreJobs: [{ CompletionDate: new Date(NOW - 36 * DAY) }] }) },
    ['backup.restore-tested'],
  ],
  [
    'a secret of last year',
    {
      'secretsmanager:DescribeSecret': () => ({
        Name: 's',
        RotationEnabled: true,
        LastChangedDate: new Date(NOW - 200 * DAY),
      }),
    },
    ['data.secrets-rotate'],
  ],
  [
    'an open bucket',
    { 's3:GetPublicAccessBlock': absent('NoSuchPublicAccessBlockConfiguration') },
    ['bucket.private'],
  ],
  [
    'a bucket that takes HTTP and forgets',
    { 's3:GetBucketPolicy': absent('NoSuchBucketPolicy'), 's3:GetBucketVersioning': () => ({}) },
    ['bucket.tls', 'bucket.versioned'],
  ],
  [
    'a bucket whose policy refuses HTTP for deletes alone',
    {
      's3:GetBucketPolicy': () => ({
        Policy: JSON.stringify({
          Statement: {
            ...{ Effect: 'Deny', Principal: { AWS: '*' }, Action: ['s3:DeleteObject'] },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        }),
      }),
    },
    ['bucket.tls'],
  ],
  [
    'a plain bucket',
    { 's3:GetBucketEncryption': absent('ServerSideEncryptionConfigurationNotFoundError') },
    ['bucket.encrypted'],
  ],
  [
    'a key for ever',
    { 'kms:GetKeyRotationStatus': () => ({ KeyRotationEnabled: false }) },
    ['data.keys-rotate'],
  ],
  [
    'images that nobody scans',
    {
      'ecr:GetRegistryScanningConfiguration': () => ({
        scanningConfiguration: {
          scanType: 'BASIC',
          rules: [
            {
              scanFrequency: 'SCAN_ON_PUSH',
              repositoryFilters: [{ filter: 'prod/*', filterType: 'WILDCARD' }],
            },
          ],
        },
      }),
    },
    ['registry.scanned'],
  ],
  [
    'tags that move',
    {
      'ecr:DescribeRepositories': () => ({
        repositories: [{ repositoryName: 'roc', imageTagMutability: 'MUTABLE' }],
      }),
    },
    ['registry.immutable'],
  ],
  [
    'logs for ever, under the key of AWS',
    { 'logs:DescribeLogGroups': () => ({ logGroups: [{ logGroupName: '/roc/server' }] }) },
    ['logs.encrypted', 'logs.retention'],
  ],
  ['no GuardDuty', { 'guardduty:ListDetectors': () => ({ DetectorIds: [] }) }, ['detect.guardduty']],
  [
    'a suspended GuardDuty',
    { 'guardduty:GetDetector': () => ({ Status: 'DISABLED', ServiceRole: 'r' }) },
    ['detect.guardduty'],
  ],
  [
    'no Security Hub',
    { 'securityhub:DescribeHub': absent('InvalidAccessException', 401) },
    ['detect.securityhub'],
  ],
  ['half an Inspector', { 'inspector2:BatchGetAccountStatus': halfAnInspector }, ['detect.inspector']],
  [
    'a trail that stopped',
    { 'cloudtrail:GetTrailStatus': () => ({ IsLogging: false }) },
    ['detect.cloudtrail'],
  ],
  [
    'a trail of one region without proof',
    { 'cloudtrail:DescribeTrails': () => ({ trailList: [{ Name: 'main' }] }) },
    ['detect.cloudtrail', 'detect.cloudtrail-validated'],
  ],
  [
    'a recorder that stopped',
    { 'config:DescribeConfigurationRecorderStatus': () => ({ ConfigurationRecordersStatus: [] }) },
    ['detect.config'],
  ],
  [
    'a careless root user',
    {
      'iam:GetAccountSummary': () => ({ SummaryMap: { AccountMFAEnabled: 0, AccountAccessKeysPresent: 1 } }),
    },
    ['access.root-mfa', 'access.root-no-keys'],
  ],
];

describeWith('botocore', 'the posture of a strict fake of an account', () => {
  let fake: FakeAccount;
  const kept = { ...process.env };
  const cwd = makeTempDir('posture');

  beforeAll(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDROC', AWS_SECRET_ACCESS_KEY: 'test' });
    fake = await startFakeAccount();
    mkdirSync(join(cwd, '.roc'));
    writeFileSync(join(cwd, '.roc', 'stack-outputs.json'), JSON.stringify(OUTPUTS));
  });
  afterAll(async () => {
    process.env = kept;
    await fake.close();
    removeDir(cwd);
  });
  beforeEach(() => {
    fake.spoiled = {};
    fake.refused.clear();
  });
  afterEach(() => expect(fake.problems).toEqual([]));

  const check = async (verifiedAt: number | null = null, flags: object = {}): Promise<Posture> => {
    const env = { AWS_ENDPOINT_URL: fake.url };
    const options = {
      config: { file: null, sections: {} },
      cwd,
      env,
      flags,
      packageRoot: projectRoot,
      now: () => NOW,
    };
    return (await checkPosture({ ...options, verifiedAt: async () => verifiedAt })).posture;
  };
  const ids = ({ controls }: Posture, verdict: Verdict) =>
    controls.flatMap((one) => (one.verdict === verdict ? [one.id] : [])).sort();

  test('holds where all is well, and looks at everything', async () => {
    const posture = await check();
    expect(
      posture.controls.filter(({ verdict }) => verdict !== 'pass').map(({ id, evidence }) => [id, evidence]),
    ).toEqual([]);
    expect(posture.summary.pass).toBe(CONTROLS.length);
    expect(posture.scope).toEqual({ account: '123456789012', region: 'eu-west-1', vpc: VPC });
  });

  test.each(SPOILED)('fails for %s, and for nothing else', async (_, answers, failing) => {
    fake.spoiled = answers;
    const posture = await check();
    expect(ids(posture, 'fail')).toEqual([...failing].sort());
    expect(ids(posture, 'unknown')).toEqual([]);
    for (const { fix, verdict } of posture.controls) expect(fix !== null).toBe(verdict === 'fail');
  });

  test('every control fails for something', () => {
    const failing = new Set(SPOILED.flatMap(([, , list]) => list));
    expect(CONTROLS.map(({ id }) => id).filter((id) => !failing.has(id))).toEqual([]);
  });

  test.each(
    Object.keys(WELL).filter(
      (call) => call !== 'sts:GetCallerIdentity' && call !== 'secretsmanager:ListSecrets',
    ),
  )('never passes what it may not read: %s', async (call) => {
    fake.refused.add(call);
    const posture = await check();
    expect(ids(posture, 'unknown').length).toBeGreaterThan(0);
    expect(ids(posture, 'fail')).toEqual([]);
  });

  test('takes a proved restore of the server for one', async () => {
    fake.spoiled = { 'backup:ListRestoreJobs': () => ({ RestoreJobs: [] }) };
    expect(ids(await check(NOW - DAY), 'fail')).toEqual([]);
    fake.refused.add('backup:ListRestoreJobs');
    expect(ids(await check(NOW - DAY), 'unknown')).toEqual([]);
    expect(ids(await check(NOW - 99 * DAY), 'fail')).toEqual(['backup.restore-tested']);
  });

  test.each<[string, Answers, string[]]>([
    [
      'iam:GetAccountSummary',
      { 'iam:GetAccountSummary': () => ({}) },
      ['access.root-mfa', 'access.root-no-keys'],
    ],
    [
      'iam:GetAccountSummary, of keys',
      { 'iam:GetAccountSummary': () => ({ SummaryMap: { AccountMFAEnabled: 1 } }) },
      ['access.root-mfa', 'access.root-no-keys'],
    ],
  ])('an answer that says nothing is unknown, not well: %s', async (_name, answers, unknown) => {
    fake.spoiled = answers;
    expect(ids(await check(), 'unknown')).toEqual(unknown);
  });

  test('a VPC that is not there is an error: nothing to judge is not all well', async () => {
    fake.spoiled = { 'ec2:DescribeVpcs': () => ({ Vpcs: [] }) };
    for (const flags of [{}, { vpc: 'vpc-other' }])
      await expect(check(null, flags)).rejects.toMatchObject({ code: 'ROC_NOT_FOUND', exitCode: 2 });
    await check(null, { 'whole-region': true });
    // Not to be allowed to look is another matter: that is unknown.
    fake.refused.add('ec2:DescribeVpcs');
    expect(ids(await check(), 'unknown')).toEqual(['network.flow-logs']);
  });

  test('of another VPC does not look at the things of the stack', async () => {
    fake.spoiled = { 'ec2:DescribeVpcs': () => ({ Vpcs: [{ VpcId: 'vpc-other' }] }) };
    const posture = await check(null, { vpc: 'vpc-other' });
    expect(ids(posture, 'notApplicable')).toEqual(
      expect.arrayContaining(['bucket.private', 'data.keys-rotate', 'edge.waf', 'database.tls']),
    );
  });

  test('without an account to name is an error, not a posture', async () => {
    fake.refused.add('sts:GetCallerIdentity');
    await expect(check()).rejects.toMatchObject({ code: 'ROC_FORBIDDEN' });
  });

  test('is a command that ends with 0, 3, and says what to do', async () => {
    const env = { AWS_ENDPOINT_URL: fake.url, AWS_ACCESS_KEY_ID: 'AKIDROC', AWS_SECRET_ACCESS_KEY: 'test' };
    fake.spoiled = {
      'backup:ListRestoreJobs': () => ({ RestoreJobs: [{ CompletionDate: new Date() }] }),
      'secretsmanager:DescribeSecret': () => ({
        Name: 's',
        RotationEnabled: true,
        LastChangedDate: new Date(),
      }),
    };
    const well = await runRoc(['posture', 'check'], { cwd, env });
    expect([well.exitCode, well.stderr]).toEqual([0, '']);
    expect(well.stdout).toContain('every control holds');
    fake.spoiled = { ...fake.spoiled, 'wafv2:GetWebACLForResource': () => ({}) };
    const ill = await runRoc(['posture', 'check'], { cwd, env });
    expect(ill.exitCode).toBe(3);
    expect(ill.stdout).toMatch(/fail +high +edge\.waf +roc no web ACL/);
    expect(ill.stdout).toContain('edge.waf: Associate a web ACL');
    const json = (await runRoc(['posture', 'check', '--json'], { cwd, env })).json<Posture>();
    expect(Object.keys(json.summary)).toEqual(
      expect.arrayContaining(['pass', 'fail', 'notApplicable', 'unknown']),
    );
    for (const one of json.controls)
      expect(Object.keys(one)).toEqual(
        expect.arrayContaining(['id', 'verdict', 'severity', 'references', 'evidence', 'fix', 'waiver']),
      );
  });
});

function halfAnInspector() {
  const { accounts } = WELL['inspector2:BatchGetAccountStatus']!({}) as {
    accounts: [{ resourceState: { ec2: object; ecr: object } }];
  };
  const [account] = accounts;
  const off = { ...account.resourceState.ecr, status: 'DISABLED' };
  return { accounts: [{ ...account, resourceState: { ...account.resourceState, ecr: off } }] };
}
