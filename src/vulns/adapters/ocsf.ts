/** OCSF findings as Security Hub v2 and Security Lake write them: classes 2002, 2003, 2004 and 2006. */
import type { Lane, Observation, ResourceRef, Severity } from '../model.js';
import { severityFromOcsf, severityFromWord } from '../severity.js';
import type { Adapter, ReadContext } from './adapter.js';
import { fixState, instantOr, knownSeverity, resourceFromId, resourceType } from './aws-fields.js';
import { arnOf, cvssOf, idFacts, packagesOf, type RecordNames, withVulnerability } from './aws-record.js';
import { isObject, type JsonObject, number, object, objects, tagPairs, text, texts } from './json.js';

const CVE = /CVE-\d{4}-\d{4,}/;
const LANES: ReadonlyMap<unknown, Lane> = new Map<unknown, Lane>([
  [2002, 'vuln'],
  [2003, 'config'],
  [2004, 'threat'],
  [2006, 'code'],
]);

export const ocsfAdapter: Adapter = {
  tool: 'ocsf',
  matches: (document) => LANES.has(document['class_uid']) && isObject(document['finding_info']),
  read: readOcsf,
};

function readOcsf(finding: JsonObject, context: ReadContext): void {
  const info = object(finding['finding_info']);
  const lane = LANES.get(finding['class_uid']) ?? 'config';
  const compliance = object(finding['compliance']);
  if (lane === 'config' && isPassed(compliance)) {
    context.drop('passed');
    return;
  }
  const uid = text(info['uid']) ?? text(object(finding['metadata'])['uid']) ?? '';
  const title = text(info['title']) ?? uid;
  if (lane === 'threat' && title.startsWith('[SAMPLE]')) {
    context.drop('sample');
    return;
  }
  const resource = readResource(objects(finding['resources'])[0] ?? object(finding['resource']), finding);
  if (resource === null) {
    context.problem('incomplete-record', `finding ${uid.slice(0, 120)} names no resource`, true);
    return;
  }
  const severity = readSeverity(finding, context);
  const base: Observation = {
    lane,
    tool: 'ocsf',
    sourceId: uid,
    file: context.file,
    arn: joiningArn(uid, finding),
    status: statusOf(finding),
    title,
    severity,
    severitySource: 'ocsf severity',
    fix: 'unknown',
    resource,
    firstSeen: instantOr(
      info['first_seen_time_dt'] ??
        info['first_seen_time'] ??
        info['created_time_dt'] ??
        info['created_time'],
      context,
    ),
    lastSeen: instantOr(
      info['last_seen_time_dt'] ??
        info['last_seen_time'] ??
        info['modified_time_dt'] ??
        info['modified_time'] ??
        finding['time_dt'] ??
        finding['time'],
      context,
    ),
  };
  context.emit(byLane(base, finding, info));
}

// The uid is the ARN of the finding where AWS's own product wrote it; other vendors' uids join nothing.
function joiningArn(uid: string, finding: JsonObject): string | undefined {
  const product = object(object(finding['metadata'])['product']);
  const vendor = text(product['vendor_name']);
  return vendor === undefined || /^(?:aws|amazon)\b/i.test(vendor) ? arnOf(uid) : undefined;
}

function byLane(base: Observation, finding: JsonObject, info: JsonObject): Observation {
  const types = texts(info['types']);
  const analytic = text(object(info['analytic'])['name']);
  switch (base.lane) {
    case 'vuln':
      return packageVulnerability(base, objects(finding['vulnerabilities'])[0] ?? {});
    case 'threat':
      // An exposure finding is no intruder: it says that the way in is open.
      if (analytic === 'Exposure')
        return {
          ...base,
          lane: 'config',
          kind: 'exposure',
          proves: { exposure: 'public', why: 'Security Hub exposure finding' },
        };
      return {
        ...base,
        kind: types.find((type) => type.includes(':')) ?? types[0] ?? analytic,
        exploit: 'active',
        attackSequence: types.some((type) => type.includes('AttackSequence')) || undefined,
      };
    case 'config':
      return { ...base, control: text(object(finding['compliance'])['control']) };
    default:
      return { ...base, kind: analytic ?? types[0] ?? 'code' };
  }
}

function packageVulnerability(base: Observation, vulnerability: JsonObject): Observation {
  const cve = object(vulnerability['cve']);
  const packages = packagesOf(objects(vulnerability['affected_packages']), NAMES);
  const epss = object(cve['epss']);
  const ids = idFacts(
    text(cve['uid']) ?? text(object(vulnerability['advisory'])['uid']) ?? CVE.exec(base.title)?.[0],
  );
  const cvss = cvssOf(objects(cve['cvss']), NAMES);
  return withVulnerability(base, {
    cve: ids.cve,
    advisory: ids.advisory,
    vector: cvss.vector,
    cvss: cvss.cvss,
    epss: number(epss['score']),
    percentile: number(epss['percentile']),
    exploit: vulnerability['is_exploit_available'] === true ? 'poc' : undefined,
    fix: fixState(FIX_WORDS.get(vulnerability['is_fix_available']), packages.package?.fixedIn),
    package: packages.package,
    alsoIn: packages.alsoIn,
  });
}

const FIX_WORDS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [true, 'YES'],
  [false, 'NO'],
]);

const NAMES: RecordNames = {
  name: 'name',
  version: 'version',
  release: 'release',
  manager: ['package_manager', 'type'],
  fixedIn: 'fixed_in_version',
  path: 'path',
  purl: 'purl',
  layer: (pkg) => object(pkg['hash'])['value'],
  vector: 'vector_string',
  score: 'base_score',
};

function isPassed(compliance: JsonObject): boolean {
  const status = text(compliance['status'])?.toUpperCase();
  return compliance['status_id'] === 1 || status === 'PASS' || status === 'PASSED';
}

// activity 3 is Close; status 3 Suppressed, 4 Resolved (OCSF 1.6, Findings category).
function statusOf(finding: JsonObject): Observation['status'] {
  const status = finding['status_id'];
  if (finding['activity_id'] === 3 || status === 4) return 'closed';
  return status === 3 ? 'suppressed' : 'active';
}

function readSeverity(finding: JsonObject, context: ReadContext): Severity {
  const id = finding['severity_id'];
  return knownSeverity(
    severityFromOcsf(id) ?? severityFromWord(finding['severity']),
    id ?? finding['severity'],
    context,
  );
}

function readResource(resource: JsonObject, finding: JsonObject): ResourceRef | null {
  const id = text(resource['uid']) ?? text(resource['name']);
  if (id === undefined) return null;
  const cloud = object(finding['cloud']);
  const base = resourceFromId(id, resourceType(text(resource['type'])), {
    account:
      text(object(cloud['account'])['uid']) ?? text(object(object(resource['owner'])['account'])['uid']),
    region: text(resource['region']) ?? text(cloud['region']),
  });
  return {
    type: base.type,
    id: base.id,
    account: base.account,
    region: base.region,
    repo: base.repo,
    digest: base.digest,
    tags: tagPairs(resource['tags']),
  };
}
