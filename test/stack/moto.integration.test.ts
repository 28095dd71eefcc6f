/**
 * The real template on moto, a third-party emulator, as far as moto goes: what it made is read back from the services
 * themselves, and what it leaves out is a list that fails once moto learns one of them. Nothing here proves posture.
 */
import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateDBParameterGroupCommand, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetBucketEncryptionCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyPlan } from '../../src/stack/apply.js';
import { type AwsAccess, awsAccess } from '../../src/stack/aws/access.js';
import { gatherFacts } from '../../src/stack/aws/facts.js';
import { describeStack, listResources } from '../../src/stack/aws/stacks.js';
import { destroy, planDestroy } from '../../src/stack/destroy.js';
import { stackConfigSchema } from '../../src/stack/model.js';
import { readOutputs } from '../../src/stack/outputs.js';
import { makePlan, type PlanRequest } from '../../src/stack/plan.js';
import type { SavedPlan } from '../../src/stack/plan-file.js';
import { synthesise } from '../../src/stack/synthesise.js';
import type { Template, TemplateResource } from '../../src/stack/template.js';
import { verifyStack } from '../../src/stack/verify.js';
import { testEngine, useTestCredentials } from '../helpers/cloudformation/small-stack.js';
import { type Moto, startMoto } from '../helpers/moto.js';
import { describeWith } from '../helpers/parts.js';

const REGION = 'us-east-1';
const NEW_POLICY = 'ELBSecurityPolicy-TLS13-1-3-2021-06';

/** Types of the template that moto's CloudFormation passes over without a word. */
const MOTO_UNSUPPORTED: readonly string[] = [
  'AWS::AutoScaling::LifecycleHook',
  'AWS::AutoScaling::ScalingPolicy',
  'AWS::Backup::BackupPlan',
  'AWS::Backup::BackupSelection',
  'AWS::Backup::BackupVault',
  'AWS::Backup::RestoreTestingPlan',
  'AWS::Backup::RestoreTestingSelection',
  'AWS::CertificateManager::Certificate',
  'AWS::CloudWatch::Alarm',
  'AWS::RDS::EventSubscription',
  'AWS::Route53Resolver::FirewallDomainList',
  'AWS::Route53Resolver::FirewallRuleGroup',
  'AWS::Route53Resolver::FirewallRuleGroupAssociation',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SecretsManager::Secret',
  'AWS::WAFv2::LoggingConfiguration',
  'AWS::WAFv2::WebACL',
  'AWS::WAFv2::WebACLAssociation',
];

/** Claims of what it does make that moto drops: `verify` must say each of them. */
const MOTO_DROPS: readonly (readonly [logicalId: string, claim: string])[] = [
  ['RobotsBucket', 'VersioningConfiguration.Status'],
  ['RobotsBucket', 'PublicAccessBlockConfiguration.BlockPublicPolicy'],
  ['RobotsBucket', 'LoggingConfiguration.DestinationBucketName'],
  ['Database', 'EnableIAMDatabaseAuthentication'],
  ['Database', 'ManageMasterUserPassword'],
  ['Database', 'EnableCloudwatchLogsExports'],
  ['DatabaseParameters', 'Parameters.require_secure_transport'],
  ['Repository', 'ImageScanningConfiguration.ScanOnPush'],
  ['Bastion', 'MetadataOptions.HttpTokens'],
  ['Servers', 'instancesWithoutImdsV2'],
  ['AppGroup', 'egress all all 0.0.0.0/0'],
  ['DatabaseGroup', 'egress all all 0.0.0.0/0'],
  ['OrchestratorLogs', 'KmsKeyId'],
];

useTestCredentials();

describeWith('aws', 'the real template on moto', () => {
  let moto: Moto;
  let request: PlanRequest;
  beforeAll(async () => {
    moto = await startMoto(REGION);
    const access = awsAccess({ region: REGION, endpointUrl: moto.url });
    // moto looks a parameter group up before it makes it.
    await access.client(RDSClient).send(
      new CreateDBParameterGroupCommand({
        DBParameterGroupName: 'moto-parameters',
        DBParameterGroupFamily: 'mysql8.4',
        Description: 'moto',
      }),
    );
    const config = stackConfigSchema.parse({
      env: 'dev',
      corporateCidrs: ['203.0.113.0/24'],
      domain: { name: 'roc.example.com', zoneId: 'Z0123456789ABCDEFGHIJ' },
    });
    const facts = await gatherFacts(access, config);
    // Ids of moto's zones have small letters, which the configuration refuses.
    const zone = await hostedZone(access);
    const { CertificateArn = '' } = await access
      .client(ACMClient)
      .send(new RequestCertificateCommand({ DomainName: 'roc.example.com' }));
    const { blueprint } = await synthesise({ config, facts, version: '0.1.0' });
    request = {
      blueprint: {
        ...blueprint,
        template: motoPart(blueprint.template, { zone, certificate: CertificateArn }),
      },
      judge: async () => ({ cost: null, posture: [] }),
      templateRoom: { allow: async () => {} },
      version: '0.1.0',
    };
  });
  afterAll(() => moto?.stop());
  const engine = () => testEngine({ url: moto.url, region: REGION });

  const resources = async () => {
    const stack = await describeStack(engine().access, 'roc-dev');
    return listResources(engine().access, stack?.id ?? '');
  };

  it('applies the first plan; what was made is in the services', async () => {
    const plan = await makePlan(engine(), request);
    expect(plan).toMatchObject({ action: 'create' });
    expect(plan.changes.length).toBe(Object.keys(request.blueprint.template.Resources).length);
    const result = await applyPlan(engine(), { plan: plan as SavedPlan, allowReplace: [] });
    // moto has no termination protection; that is told, not passed over.
    expect(result.warnings).toEqual([expect.stringMatching(/^termination protection could not be set/)]);

    const { vpcId, privateSubnetIds, dbInstanceId, robotsBucket, albArn } = result.outputs;
    const ec2 = engine().access.client(EC2Client);
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId ?? ''] }));
    expect(Vpcs).toMatchObject([{ CidrBlock: '10.40.0.0/16' }]);
    const { Subnets = [] } = await ec2.send(
      new DescribeSubnetsCommand({ SubnetIds: [...(privateSubnetIds ?? [])] }),
    );
    expect(new Set(Subnets.map(({ AvailabilityZone }) => AvailabilityZone)).size).toBe(2);
    const { DBInstances = [] } = await engine()
      .access.client(RDSClient)
      .send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: dbInstanceId ?? '' }));
    expect(DBInstances).toMatchObject([
      { Engine: 'mysql', StorageEncrypted: true, PubliclyAccessible: false },
    ]);
    const encryption = await engine()
      .access.client(S3Client)
      .send(new GetBucketEncryptionCommand({ Bucket: robotsBucket ?? '' }));
    expect(JSON.stringify(encryption)).toContain('aws:kms');
    const { Listeners = [] } = await engine()
      .access.client(ElasticLoadBalancingV2Client)
      .send(new DescribeListenersCommand({ LoadBalancerArn: albArn ?? '' }));
    expect(Listeners.find(({ Port }) => Port === 443)).toMatchObject({ Protocol: 'HTTPS' });
  });

  it('what moto passes over is this list, no more and no less, and verify counts none of it as there', async () => {
    const made = new Set(
      (await resources()).filter(({ type }) => type !== '').map(({ logicalId }) => logicalId),
    );
    const missing = Object.entries(request.blueprint.template.Resources).filter(([id]) => !made.has(id));
    expect([...new Set(missing.map(([, { Type }]) => Type))].sort()).toEqual(MOTO_UNSUPPORTED);
    const report = await verifyStack(engine(), 'roc-dev');
    const verdict = (id: string) => report.resources.find(({ logicalId }) => logicalId === id);
    for (const [id] of missing) expect(verdict(id)).toMatchObject({ logicalId: id, verdict: 'fail' });
    const failed = report.resources.flatMap(({ logicalId, differences }) =>
      differences.map(({ claim }) => `${logicalId} ${claim}`),
    );
    for (const [id, claim] of MOTO_DROPS) expect(failed).toContain(`${id} ${claim}`);
    expect(verdict('HttpsListener')).toMatchObject({ verdict: 'pass' });
    expect(verdict('FlowLog')).toMatchObject({ verdict: 'pass' });
  });

  it('the same again is no change; another TLS policy reaches the listener', async () => {
    expect(await makePlan(engine(), request)).toMatchObject({ changes: [], pending: null });
    const { Resources } = request.blueprint.template;
    const listener = Resources['HttpsListener']!;
    const changed = {
      ...request.blueprint.template,
      Resources: {
        ...Resources,
        HttpsListener: { ...listener, Properties: { ...listener.Properties, SslPolicy: NEW_POLICY } },
      },
    };
    const plan = await makePlan(engine(), {
      ...request,
      blueprint: { ...request.blueprint, template: changed },
    });
    expect(plan.changes).toMatchObject([
      {
        action: 'modify',
        logicalId: 'HttpsListener',
        replacement: 'never',
        properties: [{ path: 'Properties.SslPolicy', after: NEW_POLICY }],
      },
    ]);
    await applyPlan(engine(), { plan: plan as SavedPlan, allowReplace: [] });
    const { albArn } = await readOutputs(engine(), 'roc-dev');
    const { Listeners = [] } = await engine()
      .access.client(ElasticLoadBalancingV2Client)
      .send(new DescribeListenersCommand({ LoadBalancerArn: albArn ?? '' }));
    expect(Listeners.find(({ Port }) => Port === 443)?.SslPolicy).toBe(NEW_POLICY);
  });

  it('destroy: the stack is gone, whatever moto says of its VPC', async () => {
    const plan = await planDestroy(engine(), request.blueprint);
    expect(plan.kept.map(({ logicalId }) => logicalId)).toContain('RobotsBucket');
    const outcome = await destroy(engine(), plan, false).catch((error: unknown) => error);
    // AWS deletes in the right order; moto does not, says so, and has deleted the stack all the same.
    if (outcome instanceof Error)
      expect(outcome.message).toMatch(/DeleteStack: .*(depend|has dependencies|delete)/i);
    expect(await describeStack(engine().access, 'roc-dev')).toBeNull();
  });
});

async function hostedZone(access: AwsAccess): Promise<string> {
  const zone = await access
    .client(Route53Client)
    .send(new CreateHostedZoneCommand({ Name: 'example.com', CallerReference: 'moto' }));
  return zone.HostedZone?.Id?.split('/').at(-1) ?? '';
}

/** Attributes that moto can tell; any other becomes a text of the same place. */
const MOTO_ATTRIBUTES: readonly string[] = [
  'AWS::EC2::SecurityGroup.GroupId',
  'AWS::KMS::Key.Arn',
  'AWS::S3::Bucket.Arn',
  'AWS::IAM::Role.Arn',
  'AWS::IAM::InstanceProfile.Arn',
  'AWS::Logs::LogGroup.Arn',
  'AWS::EC2::LaunchTemplate.LatestVersionNumber',
];

/** What moto needs said in other words to deploy it at all. */
function motoPart(template: Template, made: { zone: string; certificate: string }): Template {
  const said = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(said);
    if (typeof value !== 'object' || value === null) return value;
    const inner = (value as Record<string, unknown>)['Fn::GetAtt'];
    if (inner === undefined)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, said(item)]));
    const [id, name] = Array.isArray(inner) ? inner.map(String) : String(inner).split('.');
    const known = MOTO_ATTRIBUTES.includes(`${template.Resources[id ?? '']?.Type}.${name}`);
    if (known) return value;
    return /Arn$/.test(name ?? '') ? `arn:aws:moto:${REGION}:123456789012:${id}` : `${id}.${name}`;
  };
  const resources: Record<string, TemplateResource> = {};
  for (const [id, resource] of Object.entries(template.Resources)) {
    const properties = said(resource.Properties ?? {}) as Record<string, unknown>;
    // moto wants an image even where the launch template has one.
    if (resource.Type === 'AWS::EC2::Instance') {
      properties['ImageId'] = 'ami-12c6146b';
      delete properties['LaunchTemplate'];
    }
    if (resource.Type === 'AWS::RDS::DBInstance') properties['DBParameterGroupName'] = 'moto-parameters';
    if (resource.Type === 'AWS::Route53::RecordSet') properties['HostedZoneId'] = made.zone;
    // moto passes over certificates, and then has none for the listener.
    if (properties['Certificates'] !== undefined)
      properties['Certificates'] = [{ CertificateArn: made.certificate }];
    resources[id] = { ...resource, Properties: properties };
  }
  return { ...template, Resources: resources };
}
