/** AWS Security Finding Format: what Security Hub exports, and what Prowler, Trivy and others write for it. */
import type { Lane, Observation, ResourceRef } from '../model.js';
import { severityFromNormalized, severityFromWord } from '../severity.js';
import type { Adapter, ReadContext } from './adapter.js';
import {
  fixedVersion,
  fixState,
  instantOr,
  knownSeverity,
  resourceFromId,
  resourceType,
} from './aws-fields.js';
import { arnOf, cvssOf, idFacts, packagesOf, type RecordNames } from './aws-record.js';
import { isObject, type JsonObject, number, object, objects, tagPairs, text, texts } from './json.js';

const CVE = /CVE-\d{4}-\d{4,}/;

export const asffAdapter: Adapter = {
  tool: 'asff',
  matches: (document) =>
    typeof document['Id'] === 'string' &&
    (document['SchemaVersion'] === '2018-10-08' ||
      typeof document['ProductArn'] === 'string' ||
      typeof document['AwsAccountId'] === 'string'),
  read: readAsff,
};

function readAsff(finding: JsonObject, context: ReadContext): void {
  const compliance = text(object(finding['Compliance'])['Status']);
  const vulnerability = objects(finding['Vulnerabilities'])[0];
  // A control passes; a vulnerability does not, whatever its record says beside it.
  if (vulnerability === undefined && (compliance === 'PASSED' || compliance === 'NOT_AVAILABLE')) {
    context.drop(compliance === 'PASSED' ? 'passed' : 'not-applicable');
    return;
  }
  const id = text(finding['Id']) ?? '';
  const resources = objects(finding['Resources']);
  const resource = readResource(resources[0] ?? {}, finding);
  if (resource === null) {
    context.problem('incomplete-record', `finding ${id.slice(0, 120)} names no resource`, true);
    return;
  }
  const lane = laneOf(id, finding, vulnerability !== undefined);
  const facts =
    lane === 'vuln' ? vulnerabilityFacts(finding, vulnerability, resources[0] ?? {}) : NO_VULNERABILITY;
  const other = lane === 'vuln' ? NO_CONTROL : controlFacts(lane, finding);
  const label = severityLabel(finding);
  // One literal of one shape: a million of these are made in a run.
  context.emit({
    lane,
    tool: 'asff',
    sourceId: id,
    file: context.file,
    status: statusOf(finding),
    title: text(finding['Title']) ?? id,
    severity: label.isWord
      ? knownSeverity(severityFromWord(label.value), label.value, context)
      : knownSeverity(severityFromNormalized(label.value), label.value, context),
    severitySource: label.isWord ? 'asff label' : label.value === undefined ? 'none' : 'asff normalized',
    arn: joiningArn(id, finding),
    cve: facts.cve,
    advisory: facts.advisory,
    aliases: facts.aliases,
    control: other.control,
    kind: other.kind,
    vector: facts.vector,
    cvss: facts.cvss,
    epss: facts.epss,
    exploit: facts.exploit,
    fix: facts.fix,
    resource,
    package: facts.package,
    alsoIn: facts.alsoIn,
    attackSequence: other.attackSequence,
    firstSeen: instantOr(finding['FirstObservedAt'] ?? finding['CreatedAt'], context),
    lastSeen: instantOr(finding['LastObservedAt'] ?? finding['UpdatedAt'], context),
  });
}

type VulnerabilityFacts = Pick<
  Observation,
  'cve' | 'advisory' | 'aliases' | 'vector' | 'cvss' | 'epss' | 'exploit' | 'fix' | 'package' | 'alsoIn'
>;
const NO_VULNERABILITY: VulnerabilityFacts = { fix: 'unknown' };
type ControlFacts = Pick<Observation, 'control' | 'kind' | 'attackSequence'>;
const NO_CONTROL: ControlFacts = {};

function laneOf(id: string, finding: JsonObject, hasVulnerability: boolean): Lane {
  if (hasVulnerability) return 'vuln';
  const types = texts(finding['Types']);
  if (
    id.includes(':guardduty:') ||
    types.some((type) => type.startsWith('TTPs') || type.startsWith('Unusual Behaviors'))
  )
    return 'threat';
  if (types.some((type) => type.includes('/Vulnerabilities/'))) return 'vuln';
  if (isObject(finding['Compliance'])) return 'config';
  return types[0]?.startsWith('Sensitive Data') === true ? 'secret' : 'config';
}

function controlFacts(lane: Lane, finding: JsonObject): ControlFacts {
  if (lane === 'threat') {
    const kind = texts(finding['Types'])[0]?.replace(/^TTPs\//, '');
    return { kind, attackSequence: (kind?.includes('AttackSequence') ?? false) || undefined };
  }
  const compliance = object(finding['Compliance']);
  const control =
    text(compliance['SecurityControlId']) ?? text(object(finding['ProductFields'])['ControlId']);
  return { control, kind: text(finding['GeneratorId']) };
}

function vulnerabilityFacts(
  finding: JsonObject,
  vulnerability: JsonObject | undefined,
  resource: JsonObject,
): VulnerabilityFacts {
  // Scanners that predate Vulnerabilities[] put the same facts into Details.Other.
  const other = object(object(resource['Details'])['Other']);
  const packages = packagesOf(objects(vulnerability?.['VulnerablePackages']), NAMES);
  const fixedIn = packages.package?.fixedIn ?? fixedVersion(other['Patched Package']);
  const id =
    text(vulnerability?.['Id']) ?? text(other['CVE ID']) ?? CVE.exec(text(finding['Title']) ?? '')?.[0];
  const ids = idFacts(id, texts(vulnerability?.['RelatedVulnerabilities']));
  const cvss = cvssOf(objects(vulnerability?.['Cvss']), NAMES);
  return {
    cve: ids.cve,
    advisory: ids.advisory,
    aliases: ids.aliases,
    vector: cvss.vector ?? text(other['NvdCvssVectorV3']),
    cvss: cvss.cvss,
    epss: number(vulnerability?.['EpssScore']),
    exploit: vulnerability?.['ExploitAvailable'] === 'YES' ? 'poc' : undefined,
    fix: fixState(vulnerability?.['FixAvailable'], fixedIn),
    package: packages.package ?? packageOf(other, fixedIn),
    alsoIn: packages.alsoIn,
  };
}

const NAMES: RecordNames = {
  name: 'Name',
  version: 'Version',
  release: 'Release',
  manager: ['PackageManager'],
  fixedIn: 'FixedInVersion',
  path: 'FilePath',
  layer: (pkg) => pkg['SourceLayerHash'],
  vector: 'BaseVector',
  score: 'BaseScore',
};

function packageOf(other: JsonObject, fixedIn: string | undefined): Observation['package'] {
  const name = text(other['PkgName']);
  return name === undefined ? undefined : { name, version: text(other['Installed Package']), fixedIn };
}

// Ids are unique within a product only: whoever may import findings of his own may give them any id. Only AWS's own
// products hand on the ARN of the service that found it.
function joiningArn(id: string, finding: JsonObject): string | undefined {
  const product = text(finding['ProductArn']);
  return product === undefined || product.includes('::product/aws/') ? arnOf(id) : undefined;
}

function statusOf(finding: JsonObject): Observation['status'] {
  const workflow = text(object(finding['Workflow'])['Status']) ?? text(finding['WorkflowState']);
  if (finding['RecordState'] === 'ARCHIVED' || workflow === 'RESOLVED') return 'closed';
  return workflow === 'SUPPRESSED' ? 'suppressed' : 'active';
}

// The label wins over the deprecated number; the provider's own is used where Security Hub has none.
function severityLabel(finding: JsonObject): { readonly isWord: boolean; readonly value: unknown } {
  const severity = object(finding['Severity']);
  if (severity['Label'] !== undefined) return { isWord: true, value: severity['Label'] };
  const provider = object(object(finding['FindingProviderFields'])['Severity']);
  if (provider['Label'] !== undefined) return { isWord: true, value: provider['Label'] };
  return { isWord: false, value: number(severity['Normalized'] ?? provider['Normalized']) };
}

function readResource(resource: JsonObject, finding: JsonObject): ResourceRef | null {
  const id = text(resource['Id']);
  if (id === undefined) return null;
  const type = resourceType(text(resource['Type']));
  const base = resourceFromId(id, type, {
    account: text(finding['AwsAccountId']),
    region: text(resource['Region']) ?? text(finding['Region']),
  });
  const image = object(object(resource['Details'])['AwsEcrContainerImage']);
  const imageTags = texts(image['ImageTags']);
  return {
    type: base.type,
    id: base.id,
    account: base.account,
    region: base.region,
    repo: base.repo ?? text(image['RepositoryName']),
    digest: base.digest ?? text(image['ImageDigest']),
    imageTags: imageTags.length > 0 ? imageTags : undefined,
    tags: resource['Tags'] === undefined ? undefined : tagPairs(resource['Tags']),
  };
}
