/** What a change set of the fake says: actions, replacement and property details, as AWS reports them. */
import { type FakeTemplate, makingOrder, referencesOf } from './template.js';

export interface FakeChange {
  action: 'Add' | 'Modify' | 'Remove' | 'Import';
  logicalId: string;
  type: string;
  replacement: 'True' | 'False' | 'Conditional' | undefined;
  details: FakeDetail[];
  /** Of what is imported. */
  physicalId?: string;
}

export interface FakeDetail {
  attribute: string;
  name: string | undefined;
  recreation: 'Never' | 'Conditionally' | 'Always';
  before: string | undefined;
  after: string | undefined;
  evaluation: 'Static' | 'Dynamic';
  source: 'DirectModification' | 'ResourceReference' | 'ResourceAttribute';
  cause: string | undefined;
}

/** "Update requires: Replacement" in AWS's resource reference, for the types that tests use. */
const ALWAYS: Record<string, string[]> = {
  'AWS::RDS::DBInstance': [
    'DBInstanceIdentifier',
    'StorageEncrypted',
    'KmsKeyId',
    'Engine',
    'MasterUsername',
  ],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::EC2::VPC': ['CidrBlock'],
  'AWS::EC2::Subnet': ['CidrBlock', 'AvailabilityZone', 'VpcId'],
  'AWS::EC2::SecurityGroup': ['GroupDescription', 'GroupName', 'VpcId'],
  'AWS::KMS::Key': ['KeySpec'],
  'AWS::SNS::Topic': ['TopicName'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
};
/** "Update requires: Some interruptions or replacement". */
const CONDITIONALLY: Record<string, string[]> = { 'AWS::RDS::DBInstance': ['EngineVersion', 'Port'] };

export function changesBetween(
  before: FakeTemplate | null,
  after: FakeTemplate,
  tagsDiffer: boolean,
): FakeChange[] {
  const changes: FakeChange[] = [];
  const replaced = new Set<string>();
  for (const id of makingOrder(after)) {
    const next = after.Resources[id]!;
    const former = before?.Resources[id];
    if (former === undefined) {
      changes.push({ action: 'Add', logicalId: id, type: next.Type, replacement: undefined, details: [] });
      continue;
    }
    const details = [
      ...propertyDetails(next.Type, former.Properties ?? {}, next.Properties ?? {}),
      ...followers(next.Type, next.Properties ?? {}, replaced),
      ...(tagsDiffer ? [tagDetail()] : []),
      ...policyDetails(former, next),
    ];
    if (details.length === 0) continue;
    const replacement = replacementOf(details);
    if (replacement !== 'False') replaced.add(id);
    changes.push({ action: 'Modify', logicalId: id, type: next.Type, replacement, details });
  }
  for (const [id, { Type }] of Object.entries(before?.Resources ?? {}))
    if (after.Resources[id] === undefined)
      changes.push({ action: 'Remove', logicalId: id, type: Type, replacement: undefined, details: [] });
  return changes;
}

function replacementOf(details: readonly FakeDetail[]): 'True' | 'False' | 'Conditional' {
  if (details.some(({ recreation, evaluation }) => recreation === 'Always' && evaluation === 'Static'))
    return 'True';
  return details.some(({ recreation }) => recreation !== 'Never') ? 'Conditional' : 'False';
}

function propertyDetails(
  type: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): FakeDetail[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => ({
      attribute: name === 'Tags' ? 'Tags' : 'Properties',
      name: name === 'Tags' ? undefined : name,
      recreation: recreationOf(type, name),
      before: valueText(before[name]),
      after: valueText(after[name]),
      evaluation: 'Static',
      source: 'DirectModification',
      cause: undefined,
    }));
}

// A property that refers to what is made anew gets a value that nobody knows yet.
function followers(
  type: string,
  after: Record<string, unknown>,
  replaced: ReadonlySet<string>,
): FakeDetail[] {
  return Object.entries(after).flatMap(([name, value]) => {
    const cause = referencesOf(value).find((id) => replaced.has(id));
    if (cause === undefined) return [];
    return [
      {
        attribute: 'Properties',
        name,
        recreation: recreationOf(type, name),
        before: undefined,
        after: undefined,
        evaluation: 'Dynamic' as const,
        source: 'ResourceReference' as const,
        cause,
      },
    ];
  });
}

function policyDetails(
  before: { DeletionPolicy?: string; UpdateReplacePolicy?: string },
  after: { DeletionPolicy?: string; UpdateReplacePolicy?: string },
): FakeDetail[] {
  return (['DeletionPolicy', 'UpdateReplacePolicy'] as const)
    .filter((name) => before[name] !== after[name])
    .map((attribute) => ({
      attribute,
      name: undefined,
      recreation: 'Never',
      before: before[attribute],
      after: after[attribute],
      evaluation: 'Static',
      source: 'DirectModification',
      cause: undefined,
    }));
}

function tagDetail(): FakeDetail {
  return {
    attribute: 'Tags',
    name: undefined,
    recreation: 'Never',
    before: undefined,
    after: undefined,
    evaluation: 'Static',
    source: 'DirectModification',
    cause: undefined,
  };
}

function recreationOf(type: string, name: string): FakeDetail['recreation'] {
  if (ALWAYS[type]?.includes(name)) return 'Always';
  return CONDITIONALLY[type]?.includes(name) ? 'Conditionally' : 'Never';
}

function valueText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
