/** Amazon Inspector findings: API replies, S3 reports, EventBridge details, and the enhanced findings inside ECR's. */
import type { KevFact, Observation, ResourceRef } from '../model.js';
import { severityFromWord } from '../severity.js';
import type { Adapter, ReadContext } from './adapter.js';
import { fixState, instantOr, knownSeverity, resourceFromId, resourceType } from './aws-fields.js';
import { arnOf, cvssOf, idFacts, packagesOf, type RecordNames, withVulnerability } from './aws-record.js';
import { isObject, type JsonObject, number, object, objects, tagPairs, text, texts } from './json.js';

export const inspectorAdapter: Adapter = {
  tool: 'inspector',
  matches: (document) => typeof document['findingArn'] === 'string',
  read: (document, context) => readInspectorFinding(document, context, 'inspector'),
};

const STATUSES: ReadonlyMap<unknown, Observation['status']> = new Map<unknown, Observation['status']>([
  ['CLOSED', 'closed'],
  ['SUPPRESSED', 'suppressed'],
]);

/** @param tool `ecr` when ECR handed the finding on */
export function readInspectorFinding(
  finding: JsonObject,
  context: ReadContext,
  tool: 'inspector' | 'ecr',
): void {
  const arn = text(finding['findingArn']) ?? '';
  const resource = readResource(objects(finding['resources'])[0], finding);
  if (resource === null) {
    context.problem('incomplete-record', `finding ${arn.slice(0, 120)} names no resource`, true);
    return;
  }
  const base: Observation = {
    lane: 'vuln',
    tool,
    sourceId: arn,
    file: context.file,
    arn: arnOf(arn),
    status: STATUSES.get(finding['status']) ?? 'active',
    title: text(finding['title']) ?? arn,
    severity: knownSeverity(severityFromWord(finding['severity']), finding['severity'], context),
    severitySource: 'inspector',
    fix: 'unknown',
    resource,
    firstSeen: instantOr(finding['firstObservedAt'], context),
    lastSeen: instantOr(finding['lastObservedAt'] ?? finding['updatedAt'], context),
  };
  if (finding['type'] === 'NETWORK_REACHABILITY' || isObject(finding['networkReachabilityDetails']))
    context.emit(reachability(base, object(finding['networkReachabilityDetails'])));
  else if (finding['type'] === 'CODE_VULNERABILITY' || isObject(finding['codeVulnerabilityDetails']))
    context.emit(codeWeakness(base, object(finding['codeVulnerabilityDetails'])));
  else context.emit(packageVulnerability(base, finding));
}

function packageVulnerability(base: Observation, finding: JsonObject): Observation {
  const details = object(finding['packageVulnerabilityDetails']);
  const packages = packagesOf(objects(details['vulnerablePackages']), NAMES);
  const adjusted = object(
    object(finding['inspectorScoreDetails'])['adjustedCvss'] ?? object(finding['scoreDetails'])['cvss'],
  );
  const cvss = cvssOf(objects(details['cvss']), NAMES);
  const ids = idFacts(text(details['vulnerabilityId']), texts(details['relatedVulnerabilities']));
  return withVulnerability(base, {
    cve: ids.cve,
    advisory: ids.advisory,
    aliases: ids.aliases,
    vector: cvss.vector ?? text(adjusted['scoringVector']),
    cvss: cvss.cvss,
    epss: number(object(finding['epss'])['score']) ?? number(finding['epssScore']),
    kev: cisaData(finding['cisaData']),
    exploit: finding['exploitAvailable'] === 'YES' ? 'poc' : undefined,
    fix: fixState(finding['fixAvailable'], packages.package?.fixedIn),
    package: packages.package,
    alsoIn: packages.alsoIn,
  });
}

const NAMES: RecordNames = {
  name: 'name',
  version: 'version',
  release: 'release',
  manager: ['packageManager'],
  fixedIn: 'fixedInVersion',
  path: 'filePath',
  layer: (pkg) => pkg['sourceLayerHash'],
  vector: 'scoringVector',
  score: 'baseScore',
};

// BatchGetFindingDetails: roc puts its cisaData beside the finding it belongs to.
function cisaData(value: unknown): KevFact | undefined {
  if (!isObject(value)) return undefined;
  return { dateAdded: day(value['dateAdded']), dueDate: day(value['dateDue']) };
}

function day(value: unknown): string | undefined {
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value === 'number')
    return new Date(value < 1e11 ? value * 1000 : value).toISOString().slice(0, 10);
  return text(value)?.slice(0, 10);
}

function reachability(base: Observation, details: JsonObject): Observation {
  const range = object(details['openPortRange']);
  const [begin, end] = [number(range['begin']), number(range['end'])];
  const ports = begin === end ? `${begin ?? '?'}` : `${begin ?? '?'}-${end ?? '?'}`;
  const port = `${ports}/${text(details['protocol']) ?? '?'}`;
  return {
    ...base,
    lane: 'config',
    kind: `network-reachability ${port}`,
    proves: { exposure: 'public', why: `Inspector reached port ${port} from outside` },
  };
}

function codeWeakness(base: Observation, details: JsonObject): Observation {
  const path = object(details['filePath']);
  return {
    ...base,
    lane: 'code',
    kind: text(details['ruleId']) ?? text(details['detectorId']) ?? 'code',
    title: `${base.title}${text(path['filePath']) === undefined ? '' : ` (${text(path['filePath'])})`}`,
  };
}

function readResource(resource: JsonObject | undefined, finding: JsonObject): ResourceRef | null {
  const id = text(resource?.['id']);
  if (resource === undefined || id === undefined) return null;
  const base = resourceFromId(id, resourceType(text(resource['type'])), {
    account: text(finding['awsAccountId']),
    region: text(resource['region']) ?? text(finding['region']) ?? text(finding['findingArn'])?.split(':')[3],
  });
  const image = object(object(resource['details'])['awsEcrContainerImage']);
  const imageTags = texts(image['imageTags']);
  const lastInUse = image['lastInUseAt'];
  return {
    type: base.type,
    id: base.id,
    account: base.account,
    region: base.region,
    repo: base.repo ?? text(image['repositoryName']),
    digest: base.digest ?? text(image['imageHash']),
    imageTags: imageTags.length === 0 ? undefined : imageTags,
    tags: tagPairs(resource['tags']),
    inUseCount: number(image['inUseCount']),
    lastInUseAt: lastInUse instanceof Date ? lastInUse.getTime() : undefined,
  };
}
