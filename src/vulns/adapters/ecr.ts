/** ECR DescribeImageScanFindings, basic and enhanced: findings of one image, and whether it was scanned at all. */
import type { Coverage, Observation, ResourceRef } from '../model.js';
import { severityFromWord } from '../severity.js';
import type { Adapter, ReadContext } from './adapter.js';
import { fixedVersion, instantOr, knownSeverity } from './aws-fields.js';
import { readInspectorFinding } from './inspector.js';
import { isObject, type JsonObject, number, object, objects, text } from './json.js';

export const ecrAdapter: Adapter = {
  tool: 'ecr',
  matches: (document) =>
    'imageScanFindings' in document ||
    (isObject(document['imageScanStatus']) && typeof document['repositoryName'] === 'string'),
  read: readEcr,
};

/** Basic scans end COMPLETE; enhanced ones stay ACTIVE. Everything else means that nothing is known. */
const SCANNED: ReadonlySet<string> = new Set(['COMPLETE', 'ACTIVE']);

function readEcr(document: JsonObject, context: ReadContext): void {
  const resource = imageOf(document);
  const scan = object(document['imageScanFindings']);
  context.cover(coverageOf(document, resource, scan));
  for (const finding of objects(scan['enhancedFindings'])) readInspectorFinding(finding, context, 'ecr');
  for (const finding of objects(scan['findings']))
    context.emit(basicFinding(finding, scan, resource, context));
}

function coverageOf(document: JsonObject, resource: ResourceRef, scan: JsonObject): Coverage {
  const state = object(document['imageScanStatus']);
  const status = text(state['status']);
  const isScanned =
    status === undefined
      ? scan['imageScanCompletedAt'] !== undefined
      : SCANNED.has(status) && isObject(document['imageScanFindings']);
  return {
    tool: 'ecr',
    id: `${resource.account ?? ''}/${resource.repo ?? ''}`,
    repo: resource.repo ?? null,
    digest: resource.digest ?? null,
    tags: resource.imageTags ?? [],
    status: status ?? 'not stated',
    verdict: isScanned ? 'scanned' : 'missing',
    why: isScanned ? 'scanned' : (text(state['description']) ?? `the scan is ${status ?? 'not stated'}`),
  };
}

function imageOf(document: JsonObject): ResourceRef {
  const image = object(document['imageId']);
  const account = text(document['registryId']);
  const repo = text(document['repositoryName']) ?? 'unknown';
  const digest = text(image['imageDigest']);
  const tag = text(image['imageTag']);
  return {
    type: 'image',
    id: `${account ?? ''}/${repo}${digest === undefined ? (tag === undefined ? '' : `:${tag}`) : `@${digest}`}`,
    account,
    // AWS's reply names no region; roc's live reading and the asker's own wrapper may.
    region: text(document['region']),
    repo,
    digest,
    imageTags: tag === undefined ? undefined : [tag],
  };
}

function basicFinding(
  finding: JsonObject,
  scan: JsonObject,
  resource: ResourceRef,
  context: ReadContext,
): Observation {
  const attributes = new Map(objects(finding['attributes']).map((a) => [text(a['key']), text(a['value'])]));
  const id = text(finding['name']) ?? 'unknown';
  const isCve = id.startsWith('CVE-');
  const name = attributes.get('package_name');
  const fixedIn = fixedVersion(attributes.get('patched_version'));
  const scores = ['CVSS3_SCORE', 'CVSS2_SCORE']
    .map((key) => number(attributes.get(key)))
    .filter((s) => s !== undefined);
  return {
    lane: 'vuln',
    tool: 'ecr',
    sourceId: `${resource.id}/${id}/${name ?? ''}`,
    file: context.file,
    status: 'active',
    title: name === undefined ? id : `${id} - ${name}`,
    severity: knownSeverity(severityFromWord(finding['severity']), finding['severity'], context),
    severitySource: 'ecr basic scan',
    cve: isCve ? id : undefined,
    advisory: isCve ? undefined : id,
    vector: attributes.get('CVSS3_VECTOR') ?? attributes.get('CVSS2_VECTOR'),
    cvss: scores.length === 0 ? undefined : scores,
    // Clair names no fixed version: silence is not "no fix".
    fix: fixedIn === undefined ? 'unknown' : 'yes',
    resource,
    package: name === undefined ? undefined : { name, version: attributes.get('package_version'), fixedIn },
    firstSeen: undefined,
    lastSeen: instantOr(scan['imageScanCompletedAt'], context),
  };
}
