/** Each security property is taken out of the template in turn; roc's own rules must see every one that is gone. */
import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/stack/check/judge.js';
import { loadStackPolicy } from '../../../src/stack/load-policy.js';
import type { Template } from '../../../src/stack/template.js';
import { projectPath } from '../../helpers/project.js';
import { type ProfileName, settingsOf, templateFor } from '../samples.js';

const policy = await loadStackPolicy(projectPath('.'), undefined);

// biome-ignore lint/suspicious/noExplicitAny: a mutation reaches into any place of a template
type Loose = any;

/** What is done to the template, by the rule that must see it. */
type Mutation = readonly [
  rule: string,
  what: string,
  mutate: (resources: Loose) => void,
  profile?: ProfileName,
];

const attribute = (resource: Loose, key: string) =>
  resource.Properties.LoadBalancerAttributes.find((one: Loose) => one.Key === key);

const MUTATIONS: readonly Mutation[] = [
  ['flow-logs', 'no flow log', (r) => delete r.FlowLog],
  ['flow-logs-all', 'only rejects', (r) => (r.FlowLog.Properties.TrafficType = 'REJECT')],
  [
    'subnet-public-addresses',
    'public addresses',
    (r) => (r.PrivateSubnetA.Properties.MapPublicIpOnLaunch = true),
  ],
  [
    'host-subnets',
    'a subnet beside the interface of the launch template, which EC2 refuses',
    (r) => (r.Bastion.Properties.SubnetId = { Ref: 'PrivateSubnetA' }),
  ],
  [
    'host-subnets',
    'a bastion in a public subnet',
    (r) =>
      (r.BastionLaunchTemplate.Properties.LaunchTemplateData.NetworkInterfaces[0].SubnetId = {
        Ref: 'PublicSubnetA',
      }),
  ],
  [
    'host-subnets',
    'a host of the duties without a subnet',
    (r) => delete r.OpsLaunchTemplate.Properties.LaunchTemplateData.NetworkInterfaces[0].SubnetId,
  ],
  [
    'open-ingress',
    'everybody into the servers',
    (r) =>
      (r.AppGroup.Properties.SecurityGroupIngress = [
        { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 8443, ToPort: 8443 },
      ]),
  ],
  [
    'open-ingress',
    'everybody by IPv6',
    (r) => (r.BastionGroup.Properties.SecurityGroupIngress = [{ CidrIpv6: '::/0', IpProtocol: '-1' }]),
  ],
  [
    'open-ingress',
    'half of the Internet',
    (r) => (r.BalancerGroup.Properties.SecurityGroupIngress[0].CidrIp = '0.0.0.0/1'),
  ],
  [
    'open-ingress',
    'a rule of its own',
    (r) =>
      (r.New = {
        Type: 'AWS::EC2::SecurityGroupIngress',
        Properties: { GroupId: 'sg-1', CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 22, ToPort: 22 },
      }),
  ],
  [
    'open-ingress',
    'another port of a public balancer',
    (r) =>
      r.BalancerGroup.Properties.SecurityGroupIngress.push({
        CidrIp: '0.0.0.0/0',
        IpProtocol: 'tcp',
        FromPort: 22,
        ToPort: 22,
      }),
    'public',
  ],
  [
    'open-egress',
    'everywhere from the servers',
    (r) => r.AppGroup.Properties.SecurityGroupEgress.push({ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }),
  ],
  [
    'open-egress',
    'every port through NAT',
    (r) =>
      (r.AppGroup.Properties.SecurityGroupEgress = [
        { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 0, ToPort: 65535 },
      ]),
    'public',
  ],
  ['shut-by-default', 'no egress rules', (r) => delete r.DatabaseGroup.Properties.SecurityGroupEgress],
  ['dns-firewall', 'no DNS firewall', (r) => delete r.DnsFirewallAssociation],
  ['dns-firewall-blocks', 'nothing is blocked', (r) => r.DnsFirewall.Properties.FirewallRules.pop()],
  ['iam-star-principal', 'endpoints for everybody', (r) => delete r.SsmEndpoint.Properties.PolicyDocument],
  ['alb-tls-policy', 'the old default', (r) => delete r.HttpsListener.Properties.SslPolicy],
  [
    'alb-tls-policy',
    'a name that AWS does not know',
    (r) => (r.HttpsListener.Properties.SslPolicy = 'ELBSecurityPolicy-TLS-1-9'),
  ],
  [
    'alb-plain-http',
    'HTTP that serves',
    (r) => (r.HttpListener.Properties.DefaultActions = r.HttpsListener.Properties.DefaultActions),
  ],
  ['alb-plain-http', 'HTTPS without a certificate', (r) => delete r.HttpsListener.Properties.Certificates],
  ['alb-targets-tls', 'targets in the clear', (r) => (r.ApiTargets.Properties.Protocol = 'HTTP')],
  [
    'alb-health-path',
    'a check that asks the database',
    (r) => (r.ApiTargets.Properties.HealthCheckPath = '/readyz'),
  ],
  [
    'alb-held-apart',
    'held requests with the others',
    (r) => (r.HeldRequests.Properties.Actions[0].TargetGroupArn = { Ref: 'ApiTargets' }),
  ],
  [
    'alb-access-logs',
    'no access logs',
    (r) => (attribute(r.Balancer, 'access_logs.s3.enabled').Value = 'false'),
  ],
  [
    'alb-bad-headers',
    'bad headers pass',
    (r) => (attribute(r.Balancer, 'routing.http.drop_invalid_header_fields.enabled').Value = 'false'),
  ],
  [
    'alb-desync',
    'ambiguous requests pass',
    (r) => (attribute(r.Balancer, 'routing.http.desync_mitigation_mode').Value = 'monitor'),
  ],
  [
    'alb-deletion-protection',
    'no protection',
    (r) => (attribute(r.Balancer, 'deletion_protection.enabled').Value = 'false'),
  ],
  ['waf-there', 'no web ACL', (r) => delete r.WebAcl],
  ['waf-protects', 'not on the balancer', (r) => delete r.WebAclAssociation],
  [
    'waf-groups',
    'no group against injection',
    (r) =>
      (r.WebAcl.Properties.Rules = r.WebAcl.Properties.Rules.filter(
        (one: Loose) => !one.Name.includes('SQLi'),
      )),
  ],
  [
    'waf-blocks',
    'a group counts',
    (r) =>
      (r.WebAcl.Properties.Rules.find((one: Loose) => one.Name.includes('SQLi')).OverrideAction = {
        Count: {},
      }),
  ],
  ['waf-blocks', 'a rule lets pass', (r) => (r.WebAcl.Properties.Rules[0].Action = { Allow: {} })],
  ['waf-exceptions', 'an exception for the whole API', (r) => exception(r, '^/api/.*$')],
  ['waf-exceptions', 'an exception for sign-in', (r) => exception(r, '^/api/v1/(runner|auth)/.*$')],
  [
    'waf-exceptions',
    'bodies are not judged',
    (r) =>
      (r.WebAcl.Properties.Rules = r.WebAcl.Properties.Rules.filter(
        (one: Loose) => one.Name !== 'BadBodies',
      )),
  ],
  [
    'waf-runner-rates',
    'runners by address',
    (r) => delete rule(r, 'RateOfAddress').Statement.RateBasedStatement.ScopeDownStatement,
  ],
  [
    'waf-runner-rates',
    'no rate by credential',
    (r) =>
      (r.WebAcl.Properties.Rules = r.WebAcl.Properties.Rules.filter(
        (one: Loose) => one.Name !== 'RateOfRunner',
      )),
  ],
  ['waf-logs', 'no log', (r) => delete r.WafLogging],
  ['waf-logs-redact', 'credentials in the log', (r) => delete r.WafLogging.Properties.RedactedFields],
  [
    'imds-v2',
    'IMDSv1',
    (r) => (r.AppLaunchTemplate.Properties.LaunchTemplateData.MetadataOptions.HttpTokens = 'optional'),
  ],
  [
    'imds-v2',
    'no metadata options',
    (r) => delete r.BastionLaunchTemplate.Properties.LaunchTemplateData.MetadataOptions,
  ],
  [
    'imds-hops',
    'two hops',
    (r) => (r.AppLaunchTemplate.Properties.LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit = 2),
  ],
  [
    'host-public-address',
    'a public address',
    (r) =>
      (r.BastionLaunchTemplate.Properties.LaunchTemplateData.NetworkInterfaces[0].AssociatePublicIpAddress = true),
  ],
  [
    'host-disk-encrypted',
    'a plain disk',
    (r) => (r.OpsLaunchTemplate.Properties.LaunchTemplateData.BlockDeviceMappings[0].Ebs.Encrypted = false),
  ],
  [
    'host-no-key',
    'a key for SSH',
    (r) => (r.AppLaunchTemplate.Properties.LaunchTemplateData.KeyName = 'mine'),
  ],
  ['asg-health', 'health by EC2 alone', (r) => (r.Servers.Properties.HealthCheckType = 'EC2')],
  ['asg-desired', 'a desired capacity', (r) => (r.Servers.Properties.DesiredCapacity = '2')],
  ['asg-zones', 'one zone', (r) => r.Servers.Properties.VPCZoneIdentifier.pop()],
  [
    'floor-never-in',
    'a floor that scales in',
    (r) => delete r.BusyFloor.Properties.TargetTrackingConfiguration.DisableScaleIn,
  ],
  [
    'ecs-floor-never-in',
    'a floor that scales in',
    (r) => delete r.BusyFloor.Properties.TargetTrackingScalingPolicyConfiguration.DisableScaleIn,
    'ecs',
  ],
  [
    'ecs-public-address',
    'tasks with public addresses',
    (r) => (r.Service.Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = 'ENABLED'),
    'ecs',
  ],
  ['ecs-exec', 'shells in containers', (r) => (r.Service.Properties.EnableExecuteCommand = true), 'ecs'],
  [
    'ecs-read-only',
    'a container that may be written',
    (r) => delete r.TaskDefinition.Properties.ContainerDefinitions[0].ReadonlyRootFilesystem,
    'ecs',
  ],
  [
    'ecs-unprivileged',
    'root in the container',
    (r) => delete r.TaskDefinition.Properties.ContainerDefinitions[0].User,
    'ecs',
  ],
  ['ecs-insights', 'no insights', (r) => delete r.Cluster.Properties.ClusterSettings, 'ecs'],
  ['rds-public', 'a public database', (r) => (r.Database.Properties.PubliclyAccessible = true)],
  ['rds-public', 'left to AWS', (r) => delete r.Database.Properties.PubliclyAccessible],
  ['rds-encrypted', 'a plain disk', (r) => (r.Database.Properties.StorageEncrypted = false)],
  ['rds-key', 'no key of its own', (r) => delete r.Database.Properties.KmsKeyId],
  ['rds-deletion', 'no protection', (r) => delete r.Database.Properties.DeletionProtection],
  ['rds-kept', 'gone with the stack', (r) => delete r.Database.DeletionPolicy],
  ['rds-kept-on-replace', 'gone when replaced', (r) => delete r.Database.UpdateReplacePolicy],
  ['rds-two-zones', 'one zone', (r) => (r.Database.Properties.MultiAZ = false)],
  ['rds-master-secret', 'a password of ours', (r) => delete r.Database.Properties.ManageMasterUserPassword],
  ['rds-ca', 'the former authority', (r) => (r.Database.Properties.CACertificateIdentifier = 'rds-ca-2019')],
  ['rds-logs', 'no slow queries', (r) => (r.Database.Properties.EnableCloudwatchLogsExports = ['error'])],
  ['rds-point-in-time', 'no way back', (r) => (r.Database.Properties.BackupRetentionPeriod = 0)],
  ['rds-extended-support', 'extended support', (r) => delete r.Database.Properties.EngineLifecycleSupport],
  ['rds-monitoring', 'no monitoring', (r) => (r.Database.Properties.MonitoringInterval = 0)],
  ['rds-parameter-family', 'the former family', (r) => (r.DatabaseParameters.Properties.Family = 'mysql8.0')],
  [
    'rds-tls',
    'TLS not required',
    (r) => delete r.DatabaseParameters.Properties.Parameters.require_secure_transport,
  ],
  ['rds-tls', 'TLS 1.1', (r) => (r.DatabaseParameters.Properties.Parameters.tls_version = 'TLSv1.1,TLSv1.2')],
  [
    'database-reach',
    'everything of the endpoints',
    (r) =>
      (r.DatabaseGroupFromAppGroup3306.Properties.SourceSecurityGroupId = {
        'Fn::GetAtt': ['EndpointGroup', 'GroupId'],
      }),
  ],
  [
    'database-reach',
    'the network of the office',
    (r) =>
      (r.DatabaseGroup.Properties.SecurityGroupIngress = [
        { CidrIp: '203.0.113.0/24', IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306 },
      ]),
  ],
  [
    'bucket-public',
    'a flag less',
    (r) => (r.RobotsBucket.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy = false),
  ],
  ['bucket-public', 'no block', (r) => delete r.LogsBucket.Properties.PublicAccessBlockConfiguration],
  ['bucket-public', 'an ACL', (r) => (r.RobotsBucket.Properties.AccessControl = 'PublicRead')],
  [
    'bucket-public',
    'a policy for everybody',
    (r) =>
      r.RobotsBucketPolicy.Properties.PolicyDocument.Statement.push({
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 's3:GetObject',
        Resource: '*',
      }),
  ],
  ['bucket-tls', 'no policy', (r) => delete r.RobotsBucketPolicy],
  [
    'bucket-tls',
    'the policy allows it',
    (r) => (r.LogsBucketPolicy.Properties.PolicyDocument.Statement[0].Effect = 'Allow'),
  ],
  ['bucket-encrypted', 'plain objects', (r) => delete r.RobotsBucket.Properties.BucketEncryption],
  ['bucket-versions', 'no versions', (r) => delete r.RobotsBucket.Properties.VersioningConfiguration],
  ['bucket-owner', 'objects of others', (r) => delete r.RobotsBucket.Properties.OwnershipControls],
  ['bucket-kept', 'gone with the stack', (r) => delete r.RobotsBucket.DeletionPolicy],
  ['key-rotation', 'no rotation', (r) => delete r.DataKey.Properties.EnableKeyRotation],
  ['key-kept', 'gone with the stack', (r) => (r.DataKey.DeletionPolicy = 'Delete')],
  ['secret-key', 'no key of its own', (r) => delete r.AppUserSecret.Properties.KmsKeyId],
  ['written-secrets', 'a password', (r) => (r.Database.Properties.MasterUserPassword = 'hunter2hunter2')],
  ['written-secrets', 'a secret with its text', (r) => (r.AdminSecret.Properties.SecretString = 'hunter2')],
  [
    'written-secrets',
    'a variable of the container',
    (r) =>
      r.TaskDefinition.Properties.ContainerDefinitions[0].Environment.push({
        Name: 'ROC_ADMIN_PASSWORD',
        Value: 'hunter2',
      }),
    'ecs',
  ],
  ['backup-plan', 'nothing selected', (r) => delete r.BackupSelection],
  ['backup-restore-tests', 'no restore tests', (r) => delete r.RestoreTestingSelection],
  ['backup-vault-key', 'no key of its own', (r) => delete r.BackupVault.Properties.EncryptionKeyArn],
  ['backup-vault-lock', 'no lock', (r) => delete r.BackupVault.Properties.LockConfiguration],
  ['backup-vault-kept', 'gone with the stack', (r) => delete r.BackupVault.DeletionPolicy],
  [
    'backup-one-owner',
    'a second owner of point in time',
    (r) => (r.BackupPlan.Properties.BackupPlan.BackupPlanRule[0].EnableContinuousBackup = true),
  ],
  ['ecr-immutable', 'tags that move', (r) => (r.Repository.Properties.ImageTagMutability = 'MUTABLE')],
  ['ecr-scan', 'no scan', (r) => delete r.Repository.Properties.ImageScanningConfiguration],
  ['ecr-key', 'no key of its own', (r) => delete r.Repository.Properties.EncryptionConfiguration],
  ['ecr-lifecycle', 'images for ever', (r) => delete r.Repository.Properties.LifecyclePolicy],
  [
    'iam-star-action',
    'every action',
    (r) => (r.AppRolePolicy.Properties.PolicyDocument.Statement[0].Action = ['s3:*']),
  ],
  [
    'iam-star-resource',
    'every secret',
    (r) => (statementWith(r.AppRolePolicy, 'secretsmanager:GetSecretValue').Resource = ['*']),
  ],
  [
    'iam-star-action',
    'an inline policy',
    (r) =>
      (r.BastionRole.Properties.Policies = [
        { PolicyName: 'x', PolicyDocument: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } },
      ]),
  ],
  [
    'iam-star-principal',
    'a role for everybody',
    (r) => (r.AppRole.Properties.AssumeRolePolicyDocument.Statement[0].Principal = { AWS: '*' }),
  ],
  [
    'iam-star-principal',
    'a key for everybody',
    (r) => (r.DataKey.Properties.KeyPolicy.Statement[0].Principal = '*'),
  ],
  [
    'iam-star-principal',
    'a topic for everybody',
    (r) => (r.AlarmTopicPolicy.Properties.PolicyDocument.Statement[0].Principal = '*'),
  ],
  [
    'iam-aws-policies',
    'administrator',
    (r) => (r.BastionRole.Properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess']),
  ],
  [
    'session-logged',
    'sessions without a log',
    (r) => delete r.SessionDocument.Properties.Content.inputs.cloudWatchLogGroupName,
  ],
  [
    'session-encrypted',
    'sessions without a key',
    (r) => delete r.SessionDocument.Properties.Content.inputs.kmsKeyId,
  ],
  [
    'session-idle',
    'sessions without an end',
    (r) => delete r.SessionDocument.Properties.Content.inputs.idleSessionTimeout,
  ],
  ['logs-kept', 'logs for ever', (r) => delete r.OrchestratorLogs.Properties.RetentionInDays],
  ['logs-encrypted', 'plain logs', (r) => delete r.SystemLogs.Properties.KmsKeyId],
  [
    'alarms-there',
    'no alarms',
    (r) => {
      for (const id of Object.keys(r)) if (r[id].Type === 'AWS::CloudWatch::Alarm') delete r[id];
    },
  ],
  ['alarms-told', 'an alarm that tells nobody', (r) => delete r.AlarmApiErrors.Properties.AlarmActions],
  ['topic-encrypted', 'plain messages', (r) => delete r.AlarmTopic.Properties.KmsMasterKeyId],
  ['findings-told', 'findings that nobody hears of', (r) => delete r.HighFindings],
  ['endpoint-private-dns', 'a way over the Internet', (r) => delete r.KmsEndpoint.Properties.VpcEndpointType],
];

const CASES = MUTATIONS.map(([id, what, mutate, profile = 'prod']) => ({ id, what, mutate, profile }));

describe("roc's own rules", () => {
  test.each(CASES)('$id sees: $what', async ({ id, mutate, profile }) => {
    const settings = settingsOf(profile);
    const template = structuredClone(await templateFor(profile)) as Template;
    const before = judge({ template, settings }, policy).filter((finding) => finding.id === id);
    mutate(template.Resources);
    const after = judge({ template, settings }, policy).filter((finding) => finding.id === id);
    expect(after.length).toBeGreaterThan(before.length);
  });

  test('each has a mutation that it sees', () => {
    const seen = new Set(MUTATIONS.map(([id]) => id));
    expect(policy.rules.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual([]);
  });
});

function rule(resources: Loose, name: string): Loose {
  return resources.WebAcl.Properties.Rules.find((one: Loose) => one.Name === name);
}

function exception(resources: Loose, pattern: string): void {
  const statements = rule(resources, 'BadBodies').Statement.AndStatement.Statements;
  statements[1].NotStatement.Statement.RegexMatchStatement.RegexString = pattern;
}

function statementWith(resource: Loose, action: string): Loose {
  return resource.Properties.PolicyDocument.Statement.find((one: Loose) =>
    [one.Action].flat().includes(action),
  );
}
