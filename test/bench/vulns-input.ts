/** Makes findings for measurements: as many distinct ones as asked, shuffled, some told again by other sources. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface GeneratedInput {
  readonly files: readonly string[];
  readonly asffFile: string;
  readonly records: number;
  readonly distinct: number;
  readonly repeated: number;
}

export interface InputSize {
  /** Lines of the ASFF file. */
  readonly asff: number;
  /** Different findings among them. */
  readonly distinct: number;
  /** Share of the different findings that Inspector, ECR or OCSF tell again. */
  readonly repeatedShare: number;
}

const IMAGES = 5000;
const REPOS = 300;
const ACCOUNTS = 12;
const REGIONS = ['eu-west-1', 'us-east-1', 'ap-southeast-2'];
const PACKAGES = [
  'openssl',
  'curl',
  'glibc',
  'zlib',
  'krb5',
  'libxml2',
  'sqlite3',
  'expat',
  'systemd',
  'perl',
  'ncurses',
  'gnutls28',
  'libssh2',
  'nghttp2',
  'pcre2',
  'tar',
  'util-linux',
  'shadow',
  'bash',
  'coreutils',
];
const LABELS = ['CRITICAL', 'HIGH', 'HIGH', 'MEDIUM', 'MEDIUM', 'MEDIUM', 'LOW', 'LOW', 'INFORMATIONAL'];
const VECTORS = [
  'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  'CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:H/I:N/A:N',
  'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',
  'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
];
const PROSE =
  'A flaw was found in the way the library handles "crafted" input:\nan attacker who can supply it may read beyond the end of a buffer. A fix is in later releases; there is no workaround other than to refuse such input.';

/** One finding by its number: everything about it follows from that. */
interface Facts {
  readonly n: number;
  readonly cve: string;
  readonly account: string;
  readonly region: string;
  readonly repo: string;
  readonly digest: string;
  readonly arn: string;
  readonly imageArn: string;
  readonly name: string;
  readonly version: string;
  readonly layer: string;
  readonly fixed: string | null;
  readonly label: string;
  readonly vector: string;
  readonly score: number;
  readonly first: string;
  readonly last: string;
}

const FIRST_CVE = 1000;
const CVE_COUNT = 30_000;

/** Every CVE that a finding may have. */
export const CVES: readonly string[] = Array.from({ length: CVE_COUNT }, (_, i) => cveOf(FIRST_CVE + i));

function cveOf(number: number): string {
  return `CVE-${2019 + (number % 7)}-${number}`;
}

function mix(n: number, salt: number): number {
  let x = Math.imul(n ^ (salt * 0x9e3779b9), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

function hex(n: number, salt: number, chars: number): string {
  let text = '';
  for (let i = 0; text.length < chars; i++)
    text += mix(n, salt + i)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, chars);
}

function factsOf(n: number): Facts {
  const image = n % IMAGES;
  const place = Math.floor(n / IMAGES);
  const repoNumber = image % REPOS;
  const account = String(100000000000 + (repoNumber % ACCOUNTS));
  const region = REGIONS[repoNumber % REGIONS.length]!;
  // Services share base images, and a base image has one version of a package.
  const base = repoNumber % 120;
  const repo = `team-${repoNumber % 40}/service-${repoNumber}`;
  const digest = `sha256:${hex(image, 100, 64)}`;
  // 97 has no factor in common with 30000: an image never gets the same CVE twice.
  const number = FIRST_CVE + ((image * 31 + place * 97) % CVE_COUNT);
  const name = PACKAGES[mix(number, 8) % PACKAGES.length]!;
  const pick = mix(number, 7);
  return {
    n,
    cve: cveOf(number),
    account,
    region,
    repo,
    digest,
    arn: `arn:aws:inspector2:${region}:${account}:finding/${hex(n, 200, 32)}`,
    imageArn: `arn:aws:ecr:${region}:${account}:repository/${repo}/${digest}`,
    name,
    version: `${1 + (base % 3)}.${base % 7}.${name.length}`,
    layer: `sha256:${hex(base, 300, 64)}`,
    fixed: pick % 4 === 0 ? null : `9.${pick % 5}.${pick % 17}-2`,
    label: LABELS[pick % LABELS.length]!,
    vector: VECTORS[(pick >>> 5) % VECTORS.length]!,
    score: 2 + ((pick >>> 4) % 80) / 10,
    first: new Date(1_700_000_000_000 + (mix(n, 3) % 30_000_000) * 1000).toISOString(),
    last: new Date(1_735_000_000_000 + (mix(n, 4) % 1_000_000) * 1000).toISOString(),
  };
}

function asff(f: Facts): string {
  return JSON.stringify({
    SchemaVersion: '2018-10-08',
    Id: f.arn,
    ProductArn: `arn:aws:securityhub:${f.region}::product/aws/inspector`,
    ProductName: 'Inspector',
    CompanyName: 'Amazon',
    Region: f.region,
    GeneratorId: 'AWSInspector',
    AwsAccountId: f.account,
    Types: ['Software and Configuration Checks/Vulnerabilities/CVE'],
    FirstObservedAt: f.first,
    LastObservedAt: f.last,
    CreatedAt: f.first,
    UpdatedAt: f.last,
    Severity: { Label: f.label, Normalized: 70 },
    Title: `${f.cve} - ${f.name}`,
    Description: `${f.cve}: ${PROSE}`,
    Remediation: {
      Recommendation: {
        Text: 'Remediation is available. Please refer to the Fixed version above.',
      },
    },
    ProductFields: {
      'aws/inspector/ProductVersion': '1',
      'aws/inspector/FindingStatus': 'ACTIVE',
      'aws/inspector/inspectorScore': String(f.score),
      'aws/inspector/instanceId': 'N/A',
      'aws/securityhub/ProductName': 'Inspector',
      'aws/securityhub/CompanyName': 'Amazon',
    },
    Resources: [
      {
        Type: 'AwsEcrContainerImage',
        Id: f.imageArn,
        Partition: 'aws',
        Region: f.region,
        Details: {
          AwsEcrContainerImage: {
            RegistryId: f.account,
            RepositoryName: f.repo,
            Architecture: 'amd64',
            ImageDigest: f.digest,
            ImageTags: ['release', `build-${f.n % 977}`],
            ImagePublishedAt: f.first,
          },
        },
      },
    ],
    WorkflowState: 'NEW',
    Workflow: { Status: 'NEW' },
    RecordState: 'ACTIVE',
    Vulnerabilities: [
      {
        Id: f.cve,
        VulnerablePackages: [
          {
            Name: f.name,
            Version: f.version,
            Epoch: '0',
            Release: '1',
            Architecture: 'AMD64',
            PackageManager: 'OS',
            FixedInVersion: f.fixed ?? 'NotAvailable',
            SourceLayerHash: f.layer,
          },
        ],
        Cvss: [{ Version: '3.1', BaseScore: f.score, BaseVector: f.vector, Source: 'NVD' }],
        Vendor: {
          Name: 'NVD',
          Url: `https://nvd.nist.gov/vuln/detail/${f.cve}`,
          VendorSeverity: f.label,
          VendorCreatedAt: f.first,
          VendorUpdatedAt: f.last,
        },
        ReferenceUrls: [`https://bugs.example.org/show/${f.n}`],
        FixAvailable: f.fixed === null ? 'NO' : 'YES',
        ExploitAvailable: 'NO',
      },
    ],
    FindingProviderFields: {
      Severity: { Label: f.label },
      Types: ['Software and Configuration Checks/Vulnerabilities/CVE'],
    },
    ProcessedAt: f.last,
  });
}

function enhanced(f: Facts, scoreNames: 'inspector' | 'ecr'): object {
  const cvss = { score: f.score, scoringVector: f.vector, version: '3.1' };
  return {
    awsAccountId: f.account,
    findingArn: f.arn,
    title: `${f.cve} - ${f.name}`,
    type: 'PACKAGE_VULNERABILITY',
    status: 'ACTIVE',
    severity: f.label,
    description: `${f.cve}: ${PROSE}`,
    firstObservedAt: f.first,
    lastObservedAt: f.last,
    updatedAt: f.last,
    fixAvailable: f.fixed === null ? 'NO' : 'YES',
    exploitAvailable: 'NO',
    ...(scoreNames === 'inspector'
      ? { inspectorScore: f.score, inspectorScoreDetails: { adjustedCvss: cvss } }
      : { score: f.score, scoreDetails: { cvss } }),
    packageVulnerabilityDetails: {
      vulnerabilityId: f.cve,
      source: 'NVD',
      cvss: [{ baseScore: f.score, scoringVector: f.vector, version: '3.1', source: 'NVD' }],
      relatedVulnerabilities: [],
      vulnerablePackages: [
        {
          name: f.name,
          version: f.version,
          release: '1',
          epoch: 0,
          arch: 'AMD64',
          packageManager: 'OS',
          sourceLayerHash: f.layer,
          fixedInVersion: f.fixed ?? 'NotAvailable',
        },
      ],
    },
    resources: [
      {
        type: 'AWS_ECR_CONTAINER_IMAGE',
        id: f.imageArn,
        region: f.region,
        details: {
          awsEcrContainerImage: {
            imageHash: f.digest,
            imageTags: ['release'],
            registry: f.account,
            repositoryName: f.repo,
          },
        },
      },
    ],
  };
}

/** Some of the OCSF records are bare: no package, only the ARN that joins them. */
function ocsf(f: Facts): string {
  const isBare = f.n % 10 === 0;
  return JSON.stringify({
    activity_id: 1,
    class_uid: 2002,
    class_name: 'Vulnerability Finding',
    cloud: { account: { uid: f.account }, provider: 'AWS', region: f.region },
    finding_info: {
      uid: f.arn,
      title: `${f.cve} - ${f.name}`,
      desc: PROSE,
      first_seen_time_dt: f.first,
      last_seen_time_dt: f.last,
      types: ['Software and Configuration Checks/Vulnerabilities/CVE'],
    },
    metadata: { product: { name: 'Inspector', vendor_name: 'AWS' }, version: '1.6.0', uid: f.arn },
    resources: [
      {
        uid: isBare ? f.imageArn.slice(0, f.imageArn.lastIndexOf('/')) : f.imageArn,
        type: 'AwsEcrContainerImage',
        region: f.region,
      },
    ],
    severity_id: ['', 'INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'].indexOf(f.label),
    status_id: 1,
    vulnerabilities: isBare
      ? []
      : [
          {
            cve: { uid: f.cve, cvss: [{ base_score: f.score, vector_string: f.vector, version: '3.1' }] },
            affected_packages: [
              {
                name: f.name,
                version: f.version,
                release: '1',
                package_manager: 'OS',
                fixed_in_version: f.fixed ?? 'NotAvailable',
              },
            ],
            is_fix_available: f.fixed !== null,
          },
        ],
  });
}

function ecrDocument(facts: readonly Facts[]): string {
  const [first] = facts;
  return JSON.stringify({
    imageScanFindings: { enhancedFindings: facts.map((f) => enhanced(f, 'ecr')), findingSeverityCounts: {} },
    registryId: first!.account,
    repositoryName: first!.repo,
    imageId: { imageDigest: first!.digest, imageTag: 'release' },
    imageScanStatus: { status: 'ACTIVE', description: 'Continuous scan is selected for image.' },
  });
}

/** Numbers 0 … count-1 in an order that depends on the seed alone. */
export function shuffled(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = mix(i, seed) % (i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

export function generateInput(dir: string, size: InputSize): GeneratedInput {
  mkdirSync(dir, { recursive: true });
  const order = shuffled(size.asff, 11);
  const asffFile = join(dir, 'asff.jsonl');
  // Numbers beyond the distinct ones tell an earlier finding again, as Security Hub does on every update.
  writeLines(asffFile, size.asff, (i) => asff(factsOf(order[i]! % size.distinct)));
  const repeated = Math.round(size.distinct * size.repeatedShare);
  const others = shuffled(size.distinct, 12).subarray(0, repeated);
  const third = Math.floor(repeated / 3);
  const inspectorFile = join(dir, 'inspector.jsonl');
  writeLines(inspectorFile, third, (i) => JSON.stringify(enhanced(factsOf(others[i]!), 'inspector')));
  const ocsfFile = join(dir, 'ocsf.jsonl');
  writeLines(ocsfFile, third, (i) => ocsf(factsOf(others[third + i]!)));
  const byImage = new Map<number, Facts[]>();
  for (const n of others.subarray(2 * third))
    byImage.set(n % IMAGES, [...(byImage.get(n % IMAGES) ?? []), factsOf(n)]);
  const images = [...byImage.values()];
  const ecrFile = join(dir, 'ecr.jsonl');
  writeLines(ecrFile, images.length, (i) => ecrDocument(images[i]!));
  return {
    files: [asffFile, inspectorFile, ocsfFile, ecrFile],
    asffFile,
    records: size.asff + repeated,
    distinct: size.distinct,
    repeated,
  };
}

/** The ASFF findings once more as one JSON array, up to so many bytes. */
export function writeArray(file: string, bytes: number, distinct: number): number {
  const order = shuffled(distinct, 13);
  const fd = openSync(file, 'w');
  let written = writeSync(fd, '[');
  let count = 0;
  for (; written < bytes; count++)
    written += writeSync(fd, `${count === 0 ? '' : ',\n'}${asff(factsOf(order[count % distinct]!))}`);
  writeSync(fd, ']\n');
  closeSync(fd);
  return count;
}

function writeLines(file: string, count: number, line: (i: number) => string): void {
  const fd = openSync(file, 'w');
  let block: string[] = [];
  for (let i = 0; i < count; i++) {
    block.push(line(i));
    if (block.length < 500 && i < count - 1) continue;
    writeSync(fd, `${block.join('\n')}\n`);
    block = [];
  }
  closeSync(fd);
}
