/** The values of a deployed template, with what it refers to filled in; undefined where only AWS knows. */
import { awsDomain, awsPartition } from '../../kernel/aws-partition.js';
import type { Template } from '../template.js';

export interface Known {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** By logical id. */
  readonly physicalIds: ReadonlyMap<string, string>;
}

export function resolved(value: unknown, template: Template, known: Known): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, template, known));
  if (typeof value !== 'object' || value === null) return value;
  const [[key, inner] = ['', undefined], ...more] = Object.entries(value);
  if (more.length === 0 && key === 'Ref') return reference(String(inner), known);
  if (more.length === 0 && key === 'Fn::GetAtt') return attribute(inner, template, known);
  if (more.length === 0 && key === 'Fn::Join') return joined(inner, template, known);
  if (more.length === 0 && key === 'Fn::Sub' && typeof inner === 'string')
    return substituted(inner, template, known);
  if (more.length === 0 && key.startsWith('Fn::')) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, resolved(item, template, known)]),
  );
}

function reference(name: string, known: Known): string | undefined {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': known.account,
    'AWS::Region': known.region,
    'AWS::StackName': known.stackName,
    'AWS::Partition': awsPartition(known.region),
    'AWS::URLSuffix': awsDomain(known.region),
  };
  return pseudo[name] ?? known.parameters[name] ?? known.physicalIds.get(name);
}

// Attributes that follow from the id that CloudFormation keeps.
function attribute(inner: unknown, template: Template, known: Known): string | undefined {
  const [id = '', name = ''] = Array.isArray(inner) ? inner.map(String) : String(inner).split('.');
  const physical = known.physicalIds.get(id);
  const type = template.Resources[id]?.Type;
  if (physical === undefined) return undefined;
  const partition = awsPartition(known.region);
  const place = `${known.region}:${known.account}`;
  const rules: Readonly<Record<string, string>> = {
    'AWS::EC2::SecurityGroup.GroupId': physical,
    'AWS::S3::Bucket.Arn': `arn:${partition}:s3:::${physical}`,
    'AWS::KMS::Key.Arn': `arn:${partition}:kms:${place}:key/${physical}`,
    'AWS::KMS::Key.KeyId': physical,
    'AWS::Logs::LogGroup.Arn': `arn:${partition}:logs:${place}:log-group:${physical}:*`,
    'AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerArn': physical,
    'AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupArn': physical,
    'AWS::SNS::Topic.TopicArn': physical,
    'AWS::Backup::BackupPlan.BackupPlanId': physical,
  };
  return rules[`${type}.${name}`];
}

function joined(inner: unknown, template: Template, known: Known): string | undefined {
  if (!Array.isArray(inner) || !Array.isArray(inner[1])) return undefined;
  const parts = inner[1].map((part) => resolved(part, template, known));
  return parts.includes(undefined) ? undefined : parts.join(String(inner[0]));
}

function substituted(text: string, template: Template, known: Known): string | undefined {
  let isWhole = true;
  const filled = text.replace(/\$\{([^!}]+)\}/g, (_, name: string) => {
    const value = name.includes('.')
      ? attribute(name, template, known)
      : (reference(name, known) as string | undefined);
    if (value === undefined) isWhole = false;
    return value ?? '';
  });
  return isWhole ? filled : undefined;
}
