/** ASFF for BatchImportFindings: batches of at most 100 findings and 6 MB, each finding at most 240 KB. */
import { awsPartition } from '../../kernel/aws-partition.js';
import type { Finding } from '../model.js';
import type { OpenSink } from './sink.js';

const MOST_FINDINGS = 100;
const MOST_BATCH_BYTES = 6 * 1024 * 1024 - 64 * 1024;
const TITLE_CHARS = 256;
const TEXT_CHARS = 1024;

const LABELS: Readonly<Record<Finding['severity'], string>> = {
  critical: 'CRITICAL',
  high: 'HIGH',
  medium: 'MEDIUM',
  low: 'LOW',
  info: 'INFORMATIONAL',
  // ASFF has no word for it; the original says so.
  unknown: 'INFORMATIONAL',
};

/** JSON Lines: each line is the input of one BatchImportFindings call. */
export const openAsff: OpenSink = (head, writer) => {
  let batch: string[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (batch.length > 0) writer.write(`{"Findings":[${batch.join(',')}]}\n`);
    batch = [];
    bytes = 0;
  };
  return {
    finding(_json, parsed) {
      const text = JSON.stringify(toAsff(parsed(), head.generatedAt));
      const size = Buffer.byteLength(text);
      if (batch.length === MOST_FINDINGS || bytes + size > MOST_BATCH_BYTES) flush();
      batch.push(text);
      bytes += size;
    },
    end: flush,
  };
};

/** Security Hub keeps a finding by its Id: the key makes a second import an update. */
function toAsff(finding: Finding, now: string): object {
  const account = finding.resource.account ?? '000000000000';
  const region = finding.resource.region ?? 'us-east-1';
  const types = [
    finding.lane === 'vuln' ? 'Software and Configuration Checks/Vulnerabilities/CVE' : TYPES[finding.lane],
  ];
  const severity = { Label: LABELS[finding.severity], Original: finding.severity };
  return {
    SchemaVersion: '2018-10-08',
    Id: `roc/${finding.key}`,
    ProductArn: `arn:${awsPartition(region)}:securityhub:${region}:${account}:product/${account}/default`,
    GeneratorId: `roc/${finding.ids.cve ?? finding.ids.control ?? finding.ids.kind ?? finding.lane}`.slice(
      0,
      512,
    ),
    AwsAccountId: account,
    Types: types,
    CreatedAt: finding.firstSeen ?? now,
    UpdatedAt: now,
    ...(finding.firstSeen === null ? {} : { FirstObservedAt: finding.firstSeen }),
    ...(finding.lastSeen === null ? {} : { LastObservedAt: finding.lastSeen }),
    Severity: severity,
    FindingProviderFields: { Severity: severity, Types: types },
    Title: finding.title.slice(0, TITLE_CHARS) || 'finding',
    Description:
      finding.decision.reasons.join('; ').slice(0, TEXT_CHARS) || finding.title.slice(0, TEXT_CHARS),
    Remediation: { Recommendation: { Text: finding.remedy.slice(0, 512) } },
    ProductFields: {
      'roc/key': finding.key,
      'roc/action': finding.decision.action,
      'roc/dueAt': finding.decision.dueAt ?? 'none',
      'roc/score': String(finding.score),
    },
    Resources: [
      {
        Type: RESOURCE_TYPES[finding.resource.type] ?? 'Other',
        Id: finding.resource.id.slice(0, 512) || 'unknown',
        Region: region,
      },
    ],
    ...complianceOf(finding),
    ...(finding.lane === 'vuln' && finding.ids.cve !== null
      ? { Vulnerabilities: [vulnerability(finding)] }
      : {}),
    RecordState: finding.state === 'fixed' ? 'ARCHIVED' : 'ACTIVE',
    Workflow: {
      Status: finding.state === 'suppressed' ? 'SUPPRESSED' : finding.state === 'fixed' ? 'RESOLVED' : 'NEW',
    },
  };
}

function complianceOf({ lane, ids }: Finding): object {
  if (lane !== 'config') return {};
  return {
    Compliance: {
      Status: 'FAILED',
      ...(ids.control === undefined ? {} : { SecurityControlId: ids.control }),
    },
  };
}

const TYPES: Readonly<Record<Finding['lane'], string>> = {
  vuln: 'Software and Configuration Checks/Vulnerabilities/CVE',
  threat: 'TTPs',
  config: 'Software and Configuration Checks/AWS Security Best Practices',
  code: 'Software and Configuration Checks/Vulnerabilities',
  secret: 'Sensitive Data Identifications/Passwords',
  pentest: 'Software and Configuration Checks/Vulnerabilities',
};

const RESOURCE_TYPES: Readonly<Record<string, string>> = {
  image: 'AwsEcrContainerImage',
  repository: 'AwsEcrRepository',
  instance: 'AwsEc2Instance',
  function: 'AwsLambdaFunction',
  bucket: 'AwsS3Bucket',
};

const FIX_WORDS: Readonly<Partial<Record<Finding['fix'], string>>> = {
  yes: 'YES',
  no: 'NO',
  partial: 'PARTIAL',
};

function vulnerability(finding: Finding): object {
  const { package: pkg } = finding;
  const available = FIX_WORDS[finding.fix];
  return {
    Id: finding.ids.cve,
    ...(available === undefined ? {} : { FixAvailable: available }),
    ...(finding.epss === null ? {} : { EpssScore: finding.epss }),
    ...(pkg === null
      ? {}
      : {
          VulnerablePackages: [
            {
              Name: pkg.name.slice(0, 256),
              ...(pkg.version === null ? {} : { Version: pkg.version.slice(0, 256) }),
              ...(pkg.fixedIn === null ? {} : { FixedInVersion: pkg.fixedIn.slice(0, 256) }),
              ...(pkg.path === undefined ? {} : { FilePath: pkg.path }),
              ...(pkg.layer === undefined ? {} : { SourceLayerHash: pkg.layer }),
            },
          ],
        }),
  };
}
