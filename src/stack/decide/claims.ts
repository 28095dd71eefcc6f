/** What the template claims of a resource, held against what is live: pure, one difference for each claim that fails. */

export interface ClaimDifference {
  readonly claim: string;
  readonly expected: string;
  readonly actual: string;
}

type Properties = Readonly<Record<string, unknown>>;

/** Claims that hold whether the template says them or not, by type. */
const ALWAYS: Readonly<Record<string, Properties>> = {
  'AWS::EC2::Instance': { 'MetadataOptions.HttpTokens': 'required', publicAddress: null, KeyName: null },
  'AWS::EC2::LaunchTemplate': {
    'LaunchTemplateData.MetadataOptions.HttpTokens': 'required',
    'LaunchTemplateData.NetworkInterfaces.0.AssociatePublicIpAddress': false,
    'LaunchTemplateData.KeyName': null,
  },
  'AWS::EC2::FlowLog': { status: 'ACTIVE' },
  'AWS::EC2::VPCEndpoint': { state: 'available' },
  'AWS::RDS::DBInstance': { PubliclyAccessible: false, StorageEncrypted: true },
  'AWS::KMS::Key': { keyState: 'Enabled' },
  'AWS::AutoScaling::AutoScalingGroup': { instancesWithoutImdsV2: 0, instancesWithPublicAddress: 0 },
  'account:GuardDuty': { status: 'ENABLED' },
  'account:SecurityHub': { isOn: true },
};

/** Claims that a template says in other words than its live state. */
const DERIVED: Readonly<Record<string, (properties: Properties) => Properties>> = {
  'AWS::S3::Bucket': (properties) => ({
    'BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm': at(
      properties,
      'BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm',
    ),
    'LifecycleConfiguration.Rules': lengthOf(at(properties, 'LifecycleConfiguration.Rules')),
  }),
  'AWS::S3::BucketPolicy': (properties) => ({
    tlsOnly: /aws:SecureTransport/.test(JSON.stringify(properties['PolicyDocument'])) || undefined,
  }),
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (properties) =>
    Object.fromEntries(
      listOf(properties['LoadBalancerAttributes']).map(({ Key, Value }) => [`attribute ${Key}`, Value]),
    ),
  'AWS::WAFv2::WebACL': (properties) => ({
    rules: names(properties['Rules'], 'Name'),
    counting: names(
      listOf(properties['Rules']).filter((rule) => at(rule, 'OverrideAction.Count') !== undefined),
      'Name',
    ),
  }),
  'AWS::WAFv2::LoggingConfiguration': (properties) => ({
    destinations: lengthOf(properties['LogDestinationConfigs']),
  }),
  'AWS::SNS::Topic': (properties) => ({
    isEncrypted: properties['KmsMasterKeyId'] === undefined ? undefined : true,
  }),
  'AWS::ECR::Repository': (properties) => ({
    hasLifecycle: properties['LifecyclePolicy'] === undefined ? undefined : true,
  }),
  'AWS::Backup::BackupVault': (properties) => ({
    isEncrypted: properties['EncryptionKeyArn'] === undefined ? undefined : true,
    isLocked: properties['LockConfiguration'] === undefined ? undefined : true,
  }),
  'AWS::Backup::BackupPlan': (properties) => ({
    rules: names(at(properties, 'BackupPlan.BackupPlanRule'), 'RuleName'),
  }),
  'AWS::AutoScaling::AutoScalingGroup': (properties) => ({
    zonesInUse: Number(properties['MinSize']) >= 2 ? 2 : undefined,
  }),
};

/** Whatever AWS has not been asked for, or the template leaves to AWS, is no claim. */
export function failedClaims(type: string, properties: Properties, live: Properties): ClaimDifference[] {
  const derived = { ...DERIVED[type]?.(properties), ...ALWAYS[type] };
  return Object.entries(live).flatMap(([path, actual]) => {
    const expected = path in derived ? derived[path] : at(properties, path);
    if (expected === undefined || isSame(expected, actual)) return [];
    return [{ claim: path, expected: text(expected), actual: text(actual) }];
  });
}

/** Rules of a security group: each that is claimed must be live, and none may be live that is not claimed. */
export function failedRules(
  claimed: { readonly ingress: readonly string[]; readonly egress: readonly string[] },
  live: Properties,
): ClaimDifference[] {
  return (['ingress', 'egress'] as const).flatMap((direction) => {
    const actual = (live[direction] as readonly string[] | undefined) ?? [];
    // A peer that is not known until it is made fits any.
    const fits = (rule: string, other: string) =>
      rule === other || (rule.endsWith(' ?') && other.startsWith(rule.slice(0, -1)));
    const missing = claimed[direction].filter((rule) => !actual.some((other) => fits(rule, other)));
    const extra = actual.filter((other) => !claimed[direction].some((rule) => fits(rule, other)));
    return [
      ...missing.map((rule) => ({ claim: `${direction} ${rule}`, expected: 'there', actual: 'missing' })),
      ...extra.map((rule) => ({ claim: `${direction} ${rule}`, expected: 'not there', actual: 'open' })),
    ];
  });
}

/** The value at a dotted path; undefined where there is none or it is only known to AWS. */
function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, key) => (isObject(inner) ? (inner as Record<string, unknown>)[key] : undefined),
      value,
    );
}

function isSame(expected: unknown, actual: unknown): boolean {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.some((item) => item === undefined)) return expected.length === actual.length;
    return [...expected].map(String).sort().join('\n') === [...actual].map(String).sort().join('\n');
  }
  // A name stands for the ARN that ends with it.
  if (typeof expected === 'string' && typeof actual === 'string' && actual.startsWith('arn:'))
    return actual === expected || actual.endsWith(`/${expected}`) || actual.endsWith(`:${expected}`);
  return String(expected) === String(actual);
}

function names(value: unknown, key: string): unknown[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return listOf(value).map((item) => item[key]);
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function lengthOf(value: unknown): number | undefined {
  return Array.isArray(value) ? value.length : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
