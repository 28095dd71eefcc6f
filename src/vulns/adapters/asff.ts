/** AWS Security Finding Format: what Security Hub exports, and what Prowler, Trivy and others write for it. */
import type { Lane, Observation, ResourceRef, Severity } from '../model.js';
import { severityFromNormalized, severityFromWord } from '../severity.js';
import type { Adapter, ReadContext } from './adapter.js';
import {
  cvssFacts,
  firstPackage,
  fixedVersion,
  fixState,
  furtherNames,
  instantOr,
  knownSeverity,
  packagePath,
  packageVersion,
  resourceFromId,
  resourceType,
} from './aws-fields.js';
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
  if (compliance === 'PASSED' || compliance === 'NOT_AVAILABLE') {
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
  const types = texts(finding['Types']);
  const vulnerability = objects(finding['Vulnerabilities'])[0];
  const severity = readSeverity(finding, context);
  const base: Observation = {
    lane: 'config',
    tool: 'asff',
    sourceId: id,
    file: context.file,
    arn: id.startsWith('arn:') ? id : undefined,
    status: statusOf(finding),
    title: text(finding['Title']) ?? id,
    severity: severity.value,
    severitySource: severity.source,
    fix: 'unknown',
    resource,
    firstSeen: instantOr(finding['FirstObservedAt'] ?? finding['CreatedAt'], context),
    lastSeen: instantOr(finding['LastObservedAt'] ?? finding['UpdatedAt'], context),
  };
  const lane = laneOf(id, types, vulnerability !== undefined, finding);
  if (lane === 'vuln') context.emit(withVulnerability(base, vulnerability, resources[0] ?? {}));
  else context.emit({ ...base, ...byLane(lane, finding, types) });
}

function laneOf(id: string, types: readonly string[], hasVulnerability: boolean, finding: JsonObject): Lane {
  if (hasVulnerability) return 'vuln';
  if (
    id.includes(':guardduty:') ||
    types.some((type) => type.startsWith('TTPs') || type.startsWith('Unusual Behaviors'))
  )
    return 'threat';
  if (types.some((type) => type.includes('/Vulnerabilities/'))) return 'vuln';
  return isObject(finding['Compliance'])
    ? 'config'
    : types[0]?.startsWith('Sensitive Data')
      ? 'secret'
      : 'config';
}

function byLane(lane: Lane, finding: JsonObject, types: readonly string[]): Partial<Observation> {
  const compliance = object(finding['Compliance']);
  const control =
    text(compliance['SecurityControlId']) ?? text(object(finding['ProductFields'])['ControlId']);
  if (lane === 'threat') {
    const kind = types[0]?.replace(/^TTPs\//, '');
    return { lane, kind, attackSequence: (kind?.includes('AttackSequence') ?? false) || undefined };
  }
  return { lane, control, kind: text(finding['GeneratorId']) };
}

function withVulnerability(
  base: Observation,
  vulnerability: JsonObject | undefined,
  resource: JsonObject,
): Observation {
  // Scanners that predate Vulnerabilities[] put the same facts into Details.Other.
  const other = object(object(resource['Details'])['Other']);
  const packages = firstPackage(objects(vulnerability?.['VulnerablePackages']), 'Name');
  const [first] = packages;
  const fixedIn = fixedVersion(first?.['FixedInVersion'] ?? other['Patched Package']);
  const name = text(first?.['Name']) ?? text(other['PkgName']);
  const manager = text(first?.['PackageManager']);
  const id = text(vulnerability?.['Id']) ?? text(other['CVE ID']) ?? CVE.exec(base.title)?.[0];
  const cvss = cvssFacts(objects(vulnerability?.['Cvss']), { vector: 'BaseVector', score: 'BaseScore' });
  const isCve = id?.startsWith('CVE-') === true;
  return {
    ...base,
    lane: 'vuln',
    cve: isCve ? id : undefined,
    advisory: isCve ? undefined : id,
    aliases:
      texts(vulnerability?.['RelatedVulnerabilities']).length > 0
        ? texts(vulnerability?.['RelatedVulnerabilities'])
        : undefined,
    vector: cvss.vector ?? text(other['NvdCvssVectorV3']),
    cvss: cvss.scores,
    epss: number(vulnerability?.['EpssScore']),
    exploit: vulnerability?.['ExploitAvailable'] === 'YES' ? 'poc' : undefined,
    fix: fixState(vulnerability?.['FixAvailable'], fixedIn),
    alsoIn: furtherNames(packages, 'Name'),
    package:
      name === undefined
        ? undefined
        : {
            name,
            version:
              packageVersion(text(first?.['Version']), text(first?.['Release'])) ??
              text(other['Installed Package']),
            fixedIn,
            ecosystem: manager?.toLowerCase(),
            path: packagePath(manager, first?.['FilePath']),
            layer: text(first?.['SourceLayerHash']),
          },
  };
}

function statusOf(finding: JsonObject): Observation['status'] {
  const workflow = text(object(finding['Workflow'])['Status']) ?? text(finding['WorkflowState']);
  if (finding['RecordState'] === 'ARCHIVED' || workflow === 'RESOLVED') return 'closed';
  return workflow === 'SUPPRESSED' ? 'suppressed' : 'active';
}

// The label wins over the deprecated number; the provider's own is used where Security Hub has none.
function readSeverity(finding: JsonObject, context: ReadContext): { value: Severity; source: string } {
  const severity = object(finding['Severity']);
  const provider = object(object(finding['FindingProviderFields'])['Severity']);
  const label = severity['Label'] ?? provider['Label'];
  if (label !== undefined)
    return { value: knownSeverity(severityFromWord(label), label, context), source: 'asff label' };
  const normalized = number(severity['Normalized'] ?? provider['Normalized']);
  return {
    value: knownSeverity(severityFromNormalized(normalized), normalized, context),
    source: normalized === undefined ? 'none' : 'asff normalized',
  };
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
  const tags = tagPairs(resource['Tags']);
  return {
    ...base,
    repo: base.repo ?? text(image['RepositoryName']),
    digest: base.digest ?? text(image['ImageDigest']),
    imageTags: texts(image['ImageTags']).length > 0 ? texts(image['ImageTags']) : undefined,
    tags,
  };
}
