/** One Inspector finding as ECR, Inspector, Security Hub (ASFF) and Security Hub v2 (OCSF) tell it. */

export const ARN = 'arn:aws:inspector2:eu-west-1:111122223333:finding/0123456789abcdef0123456789abcdef';
export const DIGEST = `sha256:${'ab'.repeat(32)}`;
const IMAGE_ARN = `arn:aws:ecr:eu-west-1:111122223333:repository/shop/api/${DIGEST}`;
const VECTOR = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';

export interface SampleOptions {
  readonly arn?: string;
  readonly cve?: string;
  readonly severity?: string;
  readonly status?: string;
  readonly digest?: string;
  readonly pkg?: string;
}

export function inspectorFinding(options: SampleOptions = {}) {
  const cve = options.cve ?? 'CVE-2024-0001';
  const digest = options.digest ?? DIGEST;
  return {
    awsAccountId: '111122223333',
    findingArn: options.arn ?? ARN,
    title: `${cve} - openssl`,
    type: 'PACKAGE_VULNERABILITY',
    status: options.status ?? 'ACTIVE',
    severity: options.severity ?? 'CRITICAL',
    description: 'sample',
    firstObservedAt: '2025-05-01T00:00:00.000Z',
    lastObservedAt: '2025-05-20T00:00:00.000Z',
    updatedAt: '2025-05-20T00:00:00.000Z',
    fixAvailable: 'YES',
    packageVulnerabilityDetails: {
      vulnerabilityId: cve,
      source: 'NVD',
      cvss: [{ baseScore: 9.8, scoringVector: VECTOR, version: '3.1', source: 'NVD' }],
      vulnerablePackages: [
        {
          name: options.pkg ?? 'openssl',
          version: '3.0.11',
          release: '1',
          packageManager: 'OS',
          fixedInVersion: '3.0.13-1',
        },
      ],
    },
    remediation: {},
    resources: [
      {
        type: 'AWS_ECR_CONTAINER_IMAGE',
        id: `arn:aws:ecr:eu-west-1:111122223333:repository/shop/api/${digest}`,
        region: 'eu-west-1',
        details: {
          awsEcrContainerImage: {
            repositoryName: 'shop/api',
            imageHash: digest,
            registry: '111122223333',
            imageTags: ['release'],
          },
        },
      },
    ],
  };
}

export function ecrEnhanced(options: SampleOptions = {}) {
  return {
    imageScanFindings: {
      enhancedFindings: [inspectorFinding(options)],
      findingSeverityCounts: { CRITICAL: 1 },
    },
    registryId: '111122223333',
    repositoryName: 'shop/api',
    imageId: { imageDigest: options.digest ?? DIGEST, imageTag: 'release' },
    imageScanStatus: { status: 'ACTIVE' },
  };
}

export function asffFinding(options: SampleOptions = {}) {
  const cve = options.cve ?? 'CVE-2024-0001';
  return {
    SchemaVersion: '2018-10-08',
    Id: options.arn ?? ARN,
    ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/inspector',
    GeneratorId: 'AWSInspector',
    AwsAccountId: '111122223333',
    Types: ['Software and Configuration Checks/Vulnerabilities/CVE'],
    CreatedAt: '2025-05-01T00:00:00.000Z',
    UpdatedAt: '2025-05-21T00:00:00.000Z',
    Severity: { Label: options.severity ?? 'CRITICAL' },
    Title: `${cve} - openssl`,
    Description: 'sample',
    Resources: [{ Type: 'AwsEcrContainerImage', Id: IMAGE_ARN, Region: 'eu-west-1' }],
    RecordState: options.status ?? 'ACTIVE',
    Vulnerabilities: [
      {
        Id: cve,
        Cvss: [{ BaseScore: 9.8, BaseVector: VECTOR, Version: '3.1' }],
        VulnerablePackages: [
          {
            Name: options.pkg ?? 'openssl',
            Version: '3.0.11',
            Release: '1',
            PackageManager: 'OS',
            FixedInVersion: '3.0.13-1',
          },
        ],
        FixAvailable: 'YES',
      },
    ],
  };
}

/** Bare, as Security Hub v2 events are: the ARN is all that joins it. */
export function ocsfFinding(options: SampleOptions = {}) {
  return {
    activity_id: 1,
    class_uid: 2002,
    class_name: 'Vulnerability Finding',
    cloud: { provider: 'AWS', account: { uid: '111122223333' }, region: 'eu-west-1' },
    finding_info: {
      uid: options.arn ?? ARN,
      title: 'CVE-2024-0001 found in package',
      created_time_dt: '2025-05-02T00:00:00Z',
    },
    metadata: { version: '1.6.0', product: { name: 'Inspector' } },
    resources: [
      { uid: 'arn:aws:ecr:eu-west-1:111122223333:repository/shop/api', type: 'AwsEcrContainerImage' },
    ],
    severity_id: 5,
    status_id: 1,
  };
}
