/** The template of an import: what is deployed, and the resources to take in, each standing on its own. */
import type { Template, TemplateResource } from '../template.js';

/** How CloudFormation calls the one identifier of a type; types with several are not listed. */
const IDENTIFIERS: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::RDS::DBInstance': 'DBInstanceIdentifier',
  'AWS::RDS::DBSubnetGroup': 'DBSubnetGroupName',
  'AWS::RDS::DBParameterGroup': 'DBParameterGroupName',
  'AWS::KMS::Key': 'KeyId',
  'AWS::ECR::Repository': 'RepositoryName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SecretsManager::Secret': 'Id',
  'AWS::Backup::BackupVault': 'BackupVaultName',
  'AWS::SNS::Topic': 'TopicArn',
  'AWS::EC2::VPC': 'VpcId',
  'AWS::EC2::Subnet': 'SubnetId',
  'AWS::EC2::SecurityGroup': 'GroupId',
  'AWS::IAM::Role': 'RoleName',
  'AWS::DynamoDB::Table': 'TableName',
};

export interface ImportWish {
  readonly logicalId: string;
  readonly physicalId: string;
}

export interface ImportPlan {
  readonly template: Template;
  readonly imports: readonly {
    readonly type: string;
    readonly logicalId: string;
    readonly identifier: Readonly<Record<string, string>>;
  }[];
}

/** The plan, or each thing that stands in its way as a sentence. */
export function importPlan(
  wishes: readonly ImportWish[],
  wanted: Template,
  deployed: Template | null,
): ImportPlan | { readonly faults: readonly string[] } {
  const ids = new Set([
    ...wishes.map(({ logicalId }) => logicalId),
    ...Object.keys(deployed?.Resources ?? {}),
  ]);
  const faults = wishes.flatMap(({ logicalId }) => faultsOf(logicalId, wanted, deployed, ids));
  if (faults.length > 0) return { faults };
  const taken = wishes.map(({ logicalId }) => [logicalId, kept(wanted.Resources[logicalId])] as const);
  return {
    template: {
      ...(deployed ?? { AWSTemplateFormatVersion: '2010-09-09' }),
      Resources: { ...deployed?.Resources, ...Object.fromEntries(taken) },
    },
    imports: wishes.map(({ logicalId, physicalId }) => {
      const type = wanted.Resources[logicalId]?.Type ?? '';
      return { type, logicalId, identifier: { [IDENTIFIERS[type] ?? 'Id']: physicalId } };
    }),
  };
}

// AWS takes nothing in that the stack would delete again without a word.
function kept(resource: TemplateResource | undefined): TemplateResource {
  const known = resource ?? { Type: '' };
  return { ...known, DeletionPolicy: known.DeletionPolicy ?? 'Retain' };
}

function faultsOf(
  id: string,
  wanted: Template,
  deployed: Template | null,
  present: ReadonlySet<string>,
): string[] {
  const resource = wanted.Resources[id];
  if (resource === undefined) return [`${id} is no resource of the stack that roc.yaml describes`];
  if (deployed?.Resources[id] !== undefined) return [`${id} is in the stack already`];
  if (IDENTIFIERS[resource.Type] === undefined)
    return [`${id} is a ${resource.Type}, which roc cannot take in`];
  const missing = [...new Set(namesIn(resource))].filter(
    (name) => wanted.Resources[name] !== undefined && !present.has(name),
  );
  return missing.map((name) => `${id} refers to ${name}, which is not in the stack: import it too`);
}

function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt') return [String(Array.isArray(inner) ? inner[0] : inner).split('.')[0] ?? ''];
    if (key === 'DependsOn') return [inner].flat().map(String);
    return namesIn(inner);
  });
}
