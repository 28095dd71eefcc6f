/** What a template would use in a month: how much of which price, by resource. */
import { asRecord, listOf, ofType } from '../check/read.js';
import type { Template } from '../template.js';

export interface Quantity {
  readonly resource: string;
  readonly what: string;
  readonly sku: string;
  /** Units of the price: how many run at once, GB, or pieces. */
  readonly amount: number;
}

type Properties = Readonly<Record<string, unknown>>;
type Count = (properties: Properties, id: string, template: Template) => Omit<Quantity, 'resource'>[];

/** Types that cost by the month, whether anybody uses them or not. */
const COUNTS: Readonly<Record<string, Count>> = {
  'AWS::AutoScaling::AutoScalingGroup': (group, _id, template) =>
    hosts(template, group['LaunchTemplate'], Number(group['MinSize'])),
  'AWS::EC2::Instance': (instance, _id, template) => hosts(template, instance['LaunchTemplate'], 1),
  'AWS::ApplicationAutoScaling::ScalableTarget': (target, _id, template) =>
    tasks(template, Number(target['MinCapacity'])),
  'AWS::RDS::DBInstance': (database) => {
    const copies = database['MultiAZ'] === true ? 2 : 1;
    const zones = copies === 2 ? 'in two zones' : 'in one zone';
    return [
      {
        what: `${String(database['DBInstanceClass'])} ${zones}`,
        sku: `rds-mysql:${String(database['DBInstanceClass'])}`,
        amount: copies,
      },
      {
        what: `storage ${zones}`,
        sku: `rds-storage:${String(database['StorageType'])}`,
        amount: Number(database['AllocatedStorage']) * copies,
      },
    ];
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (balancer) => [
    one('load balancer', 'alb:hour'),
    ...(balancer['Scheme'] === 'internet-facing'
      ? [{ ...one('public addresses', 'vpc:public-ipv4'), amount: listOf(balancer['Subnets']).length }]
      : []),
  ],
  'AWS::EC2::VPCEndpoint': (endpoint) =>
    endpoint['VpcEndpointType'] === 'Interface'
      ? [
          {
            what: 'interface endpoint',
            sku: 'vpc:interface-endpoint',
            amount: listOf(endpoint['SubnetIds']).length,
          },
        ]
      : [],
  'AWS::EC2::NatGateway': () => [one('NAT gateway', 'vpc:nat')],
  'AWS::EC2::EIP': () => [one('public address', 'vpc:public-ipv4')],
  'AWS::WAFv2::WebACL': (acl) => [
    one('web ACL', 'waf:acl'),
    { what: 'rules and rule groups', sku: 'waf:rule', amount: listOf(acl['Rules']).length },
  ],
  'AWS::KMS::Key': () => [one('key', 'kms:key')],
  'AWS::SecretsManager::Secret': () => [one('secret', 'secretsmanager:secret')],
  'AWS::CloudWatch::Alarm': () => [one('alarm', 'cloudwatch:alarm')],
  'AWS::CloudWatch::Dashboard': () => [one('dashboard', 'cloudwatch:dashboard')],
  'AWS::SSM::Parameter': (parameter) =>
    parameter['Tier'] === 'Advanced' ? [one('advanced parameter', 'ssm:advanced-parameter')] : [],
};

/** What costs by use, which no template tells; said beside the sum. */
const BY_USE: Readonly<Record<string, string>> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'capacity units of the load balancer',
  'AWS::EC2::VPCEndpoint': 'gigabytes through endpoints',
  'AWS::EC2::NatGateway': 'gigabytes through NAT',
  'AWS::WAFv2::WebACL': 'requests that the WAF judges',
  'AWS::Logs::LogGroup': 'gigabytes of logs, written and kept',
  'AWS::S3::Bucket': 'gigabytes and requests of S3',
  'AWS::ECR::Repository': 'gigabytes of images, and their scans',
  'AWS::Backup::BackupPlan': 'gigabytes of snapshots and copies',
  'AWS::Backup::RestoreTestingSelection': 'hours of restored databases, and restore tests',
  'AWS::Route53Resolver::FirewallRuleGroup': 'DNS queries that the firewall judges',
  'AWS::KMS::Key': 'requests to keys',
  'AWS::EC2::FlowLog': 'gigabytes of flow logs',
  'AWS::ECS::Cluster': 'measures of Container Insights',
};

export function quantitiesOf(template: Template): Quantity[] {
  return Object.entries(template.Resources).flatMap(([resource, { Type, Properties = {} }]) => {
    const count = Object.hasOwn(COUNTS, Type) ? COUNTS[Type] : undefined;
    return (count?.(Properties, resource, template) ?? []).map((quantity) => ({ resource, ...quantity }));
  });
}

export function costsByUse(template: Template): string[] {
  const types = new Set(Object.values(template.Resources).map(({ Type }) => Type));
  const named = Object.entries(BY_USE).filter(([type]) => types.has(type));
  return [
    ...named.map(([, what]) => what),
    'gigabytes to the Internet, GuardDuty, Security Hub, Inspector, Config',
  ];
}

function one(what: string, sku: string): Omit<Quantity, 'resource'> {
  return { what, sku, amount: 1 };
}

/** Instances of a launch template: the machine, its disk and its measures by the minute. */
function hosts(template: Template, specification: unknown, count: number): Omit<Quantity, 'resource'>[] {
  const { Ref: id } = asRecord(asRecord(specification)['LaunchTemplateId']) as { Ref?: string };
  const data = asRecord(asRecord(template.Resources[id ?? '']?.Properties)['LaunchTemplateData']);
  const type = String(data['InstanceType']);
  const gb = listOf(data['BlockDeviceMappings'])
    .map((mapping) => Number(asRecord(asRecord(mapping)['Ebs'])['VolumeSize'] ?? 0))
    .reduce((sum, size) => sum + size, 0);
  const watched = asRecord(data['Monitoring'])['Enabled'] === true;
  return [
    { what: `${count} × ${type}`, sku: `ec2:${type}`, amount: count },
    { what: 'disks', sku: 'ebs:gp3', amount: gb * count },
    ...(watched ? [{ what: 'measures by the minute', sku: 'ec2:detailed-monitoring', amount: count }] : []),
  ];
}

function tasks(template: Template, count: number): Omit<Quantity, 'resource'>[] {
  return ofType(template, 'AWS::ECS::TaskDefinition').flatMap(([, task]) => [
    { what: `${count} tasks: processors`, sku: 'fargate:vcpu', amount: (Number(task['Cpu']) / 1024) * count },
    { what: `${count} tasks: memory`, sku: 'fargate:gb', amount: (Number(task['Memory']) / 1024) * count },
  ]);
}
