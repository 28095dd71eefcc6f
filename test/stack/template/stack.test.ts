/** Each sentence about the stack, held against the template. */
import { describe, expect, test } from 'vitest';
import { synthesise } from '../../../src/stack/synthesise.js';
import { configOf, factsOf, PROFILE_NAMES, type ProfileName, templateFor, VERSION } from '../samples.js';
import { STACK_OUTPUT_KEYS } from './output-keys.js';

// biome-ignore lint/suspicious/noExplicitAny: assertions reach into any place of a template
type Loose = any;

async function resources(profile: ProfileName = 'prod'): Promise<Loose> {
  return (await templateFor(profile)).Resources;
}

async function of(type: string, profile: ProfileName = 'prod'): Promise<Loose[]> {
  return Object.values(await resources(profile)).filter((resource: Loose) => resource.Type === type);
}

const properties = async (id: string, profile: ProfileName = 'prod') =>
  (await resources(profile))[id]?.Properties;
const attributes = (list: Loose[]) => Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
const actionsOf = (policy: Loose): string[] =>
  policy.PolicyDocument.Statement.flatMap(({ Action }: Loose) => Action);

describe('network', () => {
  test('two zones have a public, a private and an isolated subnet each, that do not meet', async () => {
    const subnets = await of('AWS::EC2::Subnet');
    expect(subnets.map(({ Properties }) => Properties.CidrBlock).sort()).toEqual(
      [0, 16, 32, 48, 64, 80].map((third) => `10.40.${third}.0/20`),
    );
    const zones = subnets.map(({ Properties }) => Properties.AvailabilityZone['Fn::FindInMap'][2]);
    expect(zones.filter((zone) => zone === 'A')).toHaveLength(3);
    const { Mappings } = (await templateFor('prod')) as Loose;
    expect(Mappings.Zones).toEqual({ 'eu-west-1': { A: 'eu-west-1a', B: 'eu-west-1b' } });
  });

  test('isolated subnets have no route out, private ones none without NAT', async () => {
    const routes = await of('AWS::EC2::Route');
    expect(routes.map(({ Properties }) => Properties.RouteTableId.Ref)).toEqual([
      'PublicARoutes',
      'PublicBRoutes',
    ]);
    const nat = await of('AWS::EC2::Route', 'public');
    expect(nat.map(({ Properties }) => Properties.RouteTableId.Ref).sort()).toEqual([
      'PrivateARoutes',
      'PrivateBRoutes',
      'PublicARoutes',
      'PublicBRoutes',
    ]);
  });

  test('an internal stack has no way in from the Internet at all', async () => {
    for (const type of ['InternetGateway', 'NatGateway', 'EIP'])
      expect(await of(`AWS::EC2::${type}`, 'internal')).toEqual([]);
    expect(await of('AWS::EC2::Subnet', 'internal')).toHaveLength(4);
  });

  test('flows are logged, all of them', async () => {
    expect(await properties('FlowLog')).toMatchObject({
      TrafficType: 'ALL',
      LogDestinationType: 'cloud-watch-logs',
    });
  });

  test('endpoints follow the features that are on', async () => {
    const names = async (profile: ProfileName) =>
      (await of('AWS::EC2::VPCEndpoint', profile))
        .map(({ Properties }) => JSON.stringify(Properties.ServiceName).match(/\.([a-z0-9.-]+)"/)?.[1])
        .join(' ');
    for (const service of [
      's3',
      'ssm',
      'ssmmessages',
      'logs',
      'ecr.api',
      'ecr.dkr',
      'secretsmanager',
      'kms',
      'backup',
    ])
      expect(await names('prod')).toContain(service);
    expect(await names('prod')).not.toContain('application-autoscaling');
    expect(await names('ecs')).toContain('application-autoscaling');
  });

  test('egress.domains is an allow-list: AWS and these resolve, every other name does not exist', async () => {
    const { Domains } = await properties('AllowedDomains', 'public');
    expect(Domains).toEqual(expect.arrayContaining(['*.amazonaws.com', 'login.microsoftonline.com']));
    const { FirewallRules } = await properties('DnsFirewall', 'public');
    expect(FirewallRules).toMatchObject([
      { Action: 'ALLOW' },
      { Action: 'BLOCK', BlockResponse: 'NXDOMAIN' },
    ]);
  });
});

describe('edge', () => {
  test('HTTPS only: TLS 1.2 and later, and HTTP sends people there', async () => {
    expect(await properties('HttpsListener')).toMatchObject({
      Protocol: 'HTTPS',
      Port: 443,
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
    });
    expect((await properties('HttpListener')).DefaultActions[0].RedirectConfig).toMatchObject({
      Protocol: 'HTTPS',
    });
    expect(await properties('HttpListener', 'internal')).toBeUndefined();
  });

  test.each([
    ['public', 'internet-facing', ['0.0.0.0/0']],
    ['prod', 'internet-facing', ['203.0.113.0/24', '198.51.100.0/24']],
    ['internal', 'internal', ['203.0.113.0/24', '198.51.100.0/24']],
    ['ecs', 'internal', ['203.0.113.0/24', '198.51.100.0/24']],
  ] as const)('%s: only these networks reach the balancer', async (profile, scheme, cidrs) => {
    expect((await properties('Balancer', profile)).Scheme).toBe(scheme);
    const rules: Loose[] = (await properties('BalancerGroup', profile)).SecurityGroupIngress;
    expect([...new Set(rules.map(({ CidrIp }) => CidrIp))]).toEqual(cidrs);
    expect(new Set(rules.map(({ FromPort }) => FromPort))).toEqual(
      new Set(scheme === 'internal' ? [443] : [443, 80]),
    );
  });

  test('two target groups on the same servers, asked by HTTPS on /healthz', async () => {
    for (const id of ['ApiTargets', 'RunnerTargets'])
      expect(await properties(id)).toMatchObject({
        Protocol: 'HTTPS',
        HealthCheckPath: '/healthz',
        HealthCheckProtocol: 'HTTPS',
      });
    expect((await properties('Servers')).TargetGroupARNs).toEqual([
      { Ref: 'ApiTargets' },
      { Ref: 'RunnerTargets' },
    ]);
    expect(await properties('HeldRequests')).toMatchObject({
      Conditions: [{ PathPatternConfig: { Values: ['/api/v1/runner/*', '/api/v1/jobs/*/events'] } }],
      Actions: [{ TargetGroupArn: { Ref: 'RunnerTargets' } }],
    });
    expect(attributes((await properties('Balancer')).LoadBalancerAttributes)).toMatchObject({
      'access_logs.s3.enabled': 'true',
      'idle_timeout.timeout_seconds': '120',
    });
  });

  test('a certificate and a record where Route 53 has the domain', async () => {
    expect(await properties('Certificate')).toMatchObject({
      DomainName: 'roc.example.com',
      ValidationMethod: 'DNS',
    });
    expect(await properties('DomainRecord')).toMatchObject({ Name: 'roc.example.com', Type: 'A' });
  });

  test('the WAF blocks in prod and staging, counts in dev, and logs without credentials', async () => {
    const action = async (profile: ProfileName) =>
      (await properties('WebAcl', profile)).Rules.find((rule: Loose) => rule.Name === 'BadBodies').Action;
    expect(await action('prod')).toEqual({ Block: {} });
    expect(await action('staging')).toEqual({ Block: {} });
    expect(await action('dev')).toEqual({ Count: {} });
    expect((await properties('WafLogging')).RedactedFields).toHaveLength(2);
    expect((await properties('WafLogGroup')).LogGroupName).toBe('aws-waf-logs-roc-prod');
  });
});

describe('compute', () => {
  test('two t3.small in private subnets of both zones, healed by the target groups, with no desired capacity', async () => {
    const servers = await properties('Servers');
    expect(servers).toMatchObject({
      MinSize: '2',
      HealthCheckType: 'ELB',
      VPCZoneIdentifier: [{ Ref: 'PrivateSubnetA' }, { Ref: 'PrivateSubnetB' }],
    });
    expect(servers).not.toHaveProperty('DesiredCapacity');
    const { LaunchTemplateData: data } = await properties('AppLaunchTemplate');
    expect(data).toMatchObject({ InstanceType: 't3.small', ImageId: 'ami-0fedcba9876543210' });
    expect(data.MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
    expect(data.NetworkInterfaces[0].AssociatePublicIpAddress).toBe(false);
  });

  test('the floor follows the processors at 80 % and never scales in', async () => {
    expect((await properties('BusyFloor')).TargetTrackingConfiguration).toMatchObject({
      TargetValue: 80,
      DisableScaleIn: true,
    });
    expect((await properties('BusyFloor', 'ecs')).TargetTrackingScalingPolicyConfiguration).toMatchObject({
      TargetValue: 80,
      DisableScaleIn: true,
    });
  });

  test('the container drains, is read-only, and learns secrets by ARN', async () => {
    const text = JSON.stringify((await properties('AppLaunchTemplate')).LaunchTemplateData.UserData);
    for (const part of [
      '--read-only',
      '--cap-drop ALL',
      '--network host',
      'systemctl stop roc.service',
      'auth=secretsmanager:',
      'ROC_SERVER__KMS=aws-kms:',
    ])
      expect(text).toContain(part);
    expect((await properties('DrainHook')).LifecycleTransition).toBe('autoscaling:EC2_INSTANCE_TERMINATING');
  });

  test('another image of ECR may be named, and then only that one may be pulled', async () => {
    const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/base/roc:1.0.0';
    const config = configOf('ecs', { app: { image } });
    const { blueprint } = await synthesise({ config, facts: factsOf(), version: VERSION });
    const { TaskDefinition, TaskExecutionRolePolicy } = blueprint.template.Resources as Loose;
    expect(TaskDefinition.Properties.ContainerDefinitions[0].Image).toBe(image);
    const rights = JSON.stringify(TaskExecutionRolePolicy.Properties.PolicyDocument);
    expect(rights).toContain(':ecr:eu-west-1:123456789012:repository/base/roc');
    expect(rights).not.toContain('"Repository"');
  });

  test.each(PROFILE_NAMES)('%s: user data stays under the 16 KiB that EC2 takes', async (profile) => {
    for (const id of ['AppLaunchTemplate', 'OpsLaunchTemplate', 'BastionLaunchTemplate']) {
      const found = await properties(id, profile);
      if (found === undefined) continue;
      // Each of the values that only AWS knows is an ARN of more than usual length.
      const [, parts] = found.LaunchTemplateData.UserData['Fn::Base64']['Fn::Join'];
      const text = parts.map((part: unknown) => (typeof part === 'string' ? part : 'x'.repeat(120))).join('');
      expect(Buffer.byteLength(text), id).toBeLessThan(16_384);
    }
  });
});

describe('data', () => {
  test('MySQL 8.4 on db.m5.2xlarge in two zones, encrypted, TLS required, master rotated by AWS', async () => {
    expect(await properties('Database')).toMatchObject({
      EngineVersion: '8.4.9',
      DBInstanceClass: 'db.m5.2xlarge',
      MultiAZ: true,
      StorageEncrypted: true,
      ManageMasterUserPassword: true,
      DeletionProtection: true,
      PubliclyAccessible: false,
      EnableCloudwatchLogsExports: ['error', 'slowquery'],
      BackupRetentionPeriod: 35,
    });
    expect((await properties('DatabaseParameters')).Parameters).toMatchObject({
      require_secure_transport: 'ON',
    });
  });

  test('only the orchestrator, the duties and the bastion reach it; on Fargate the bastion does not', async () => {
    const ways = async (profile: ProfileName) =>
      Object.keys(await resources(profile))
        .filter((id) => id.startsWith('DatabaseGroupFrom'))
        .sort();
    expect(await ways('prod')).toEqual([
      'DatabaseGroupFromAppGroup3306',
      'DatabaseGroupFromBastionGroup3306',
      'DatabaseGroupFromOpsGroup3306',
    ]);
    expect(await ways('ecs')).toEqual(['DatabaseGroupFromAppGroup3306', 'DatabaseGroupFromOpsGroup3306']);
    expect(await ways('internal')).toEqual(await ways('ecs'));
  });

  test('restore tests have a subnet group and a security group that lead nowhere', async () => {
    expect((await properties('RestoreSubnetGroup')).SubnetIds).toEqual([
      { Ref: 'IsolatedSubnetA' },
      { Ref: 'IsolatedSubnetB' },
    ]);
    expect((await properties('RestoreGroup')).SecurityGroupEgress).toMatchObject([
      { CidrIp: '255.255.255.255/32' },
    ]);
  });

  test('snapshots are taken daily and monthly, kept, copied where asked, and restored for a test', async () => {
    const rules = (await properties('BackupPlan')).BackupPlan.BackupPlanRule;
    expect(
      rules.map((rule: Loose) => [
        rule.RuleName,
        rule.Lifecycle.DeleteAfterDays,
        rule.EnableContinuousBackup,
      ]),
    ).toEqual([
      ['daily', 35, false],
      ['monthly', 400, false],
    ]);
    expect(rules[0].Lifecycle).not.toHaveProperty('MoveToColdStorageAfterDays');
    expect(JSON.stringify((await properties('BackupPlan', 'public')).BackupPlan)).toContain('eu-central-1');
    expect((await properties('RestoreTestingSelection')).RestoreMetadataOverrides).toMatchObject({
      dbSubnetGroupName: { Ref: 'RestoreSubnetGroup' },
    });
  });

  test('only the host of the duties may read the master; servers read the application alone', async () => {
    const server = await properties('AppRolePolicy');
    expect(JSON.stringify(server)).not.toContain('MasterUserSecret');
    expect(actionsOf(server)).not.toContain('secretsmanager:*');
    expect(JSON.stringify(await properties('OpsRolePolicy'))).toContain('MasterUserSecret');
  });
});

describe('bastion, registry and duties', () => {
  test('the bastion has no inbound rule, and an image of its own architecture', async () => {
    expect(await properties('BastionGroup')).not.toHaveProperty('SecurityGroupIngress');
    expect(Object.keys(await resources()).filter((id) => id.startsWith('BastionGroupFrom'))).toEqual([]);
    expect((await properties('BastionLaunchTemplate')).LaunchTemplateData).toMatchObject({
      InstanceType: 't4g.nano',
      ImageId: 'ami-0123456789abcdef0',
    });
    expect((await properties('SessionDocument')).Content.inputs).toMatchObject({
      idleSessionTimeout: '15',
      cloudWatchEncryptionEnabled: true,
    });
  });

  test('images are scanned, their tags never move, old ones go', async () => {
    expect(await properties('Repository')).toMatchObject({
      ImageTagMutability: 'IMMUTABLE',
      ImageScanningConfiguration: { ScanOnPush: true },
    });
  });

  test('timers run the duties', async () => {
    const text = JSON.stringify((await properties('OpsLaunchTemplate')).LaunchTemplateData.UserData);
    for (const part of [
      'roc-scale-watch.service',
      'roc-backup-verify.timer',
      'roc-backup-sweep.timer',
      'roc-vulns-report.timer',
      'vulns report',
      'provision app-user',
    ])
      expect(text).toContain(part);
    const settings = JSON.stringify(await properties('DutiesRocYaml1'));
    expect(settings).toContain('ecr,inspector,guardduty,securityhub');
  });

  test('alarms for servers, balancer and database, and a dashboard of all three', async () => {
    const spaces = new Set(
      (await of('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties.Namespace),
    );
    for (const space of ['AWS/EC2', 'AWS/ApplicationELB', 'AWS/RDS', 'AWS/AutoScaling', 'roc/hosts'])
      expect(spaces).toContain(space);
    const body = JSON.stringify((await properties('Dashboard')).DashboardBody);
    for (const space of ['AWS/EC2', 'AWS/ApplicationELB', 'AWS/RDS']) expect(body).toContain(space);
  });

  test('high findings go to people, and into the block list only where asked', async () => {
    expect((await properties('HighFindings')).EventPattern.detail.severity).toEqual([{ numeric: ['>=', 7] }]);
    expect(await properties('BlockFindings')).toBeUndefined();
    expect(await properties('BlockFindings', 'public')).toBeDefined();
  });

  test('nothing that the account has once belongs to the stack', async () => {
    const types = PROFILE_NAMES.map(async (profile) =>
      Object.values(await resources(profile)).map((one: Loose) => one.Type),
    );
    const singletons =
      /^AWS::(GuardDuty|SecurityHub|Config|Inspector|InspectorV2|CloudTrail)::|RegistryScanningConfiguration/;
    expect((await Promise.all(types)).flat().filter((type) => singletons.test(type))).toEqual([]);
  });
});

describe('outputs', () => {
  test('have exactly the keys that other rooms read', async () => {
    for (const profile of PROFILE_NAMES)
      for (const key of Object.keys((await templateFor(profile)).Outputs ?? {}))
        expect(STACK_OUTPUT_KEYS).toContain(key);
    const all = new Set([
      ...Object.keys((await templateFor('prod')).Outputs ?? {}),
      ...Object.keys((await templateFor('ecs')).Outputs ?? {}),
    ]);
    expect([...all].sort()).toEqual([...STACK_OUTPUT_KEYS].sort());
  });
});
