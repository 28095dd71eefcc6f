/** Grype's JSON report: matches of packages with vulnerabilities, with its own EPSS and KEV facts. */
import { identityOf } from '../keys.js';
import type { FixState, KevFact, Observation, ResourceRef } from '../model.js';
import { severityFromWord } from '../severity.js';
import type { Adapter, ReadContext } from './adapter.js';
import { instantOr, knownSeverity } from './aws-fields.js';
import { imageResource } from './image-name.js';
import { isObject, type JsonObject, number, object, objects, text, texts } from './json.js';
import { chooseFix } from './trivy.js';

export const grypeAdapter: Adapter = {
  tool: 'grype',
  matches: (document) =>
    Array.isArray(document['matches']) &&
    (isObject(document['descriptor']) ||
      isObject(document['source']) ||
      isObject(objects(document['matches'])[0]?.['artifact'])),
  read: readGrype,
};

const FIX_STATES: ReadonlyMap<unknown, FixState> = new Map<unknown, FixState>([
  ['fixed', 'yes'],
  ['not-fixed', 'no'],
  ['wont-fix', 'no'],
]);
const OS_TYPES: ReadonlySet<unknown> = new Set(['apk', 'deb', 'rpm', 'alpm', 'portage']);

function readGrype(report: JsonObject, context: ReadContext): void {
  const resource = resourceOf(object(report['source']));
  const seen = instantOr(object(report['descriptor'])['timestamp'], context);
  context.cover({
    tool: 'grype',
    id: identityOf(resource),
    repo: resource.repo ?? null,
    digest: resource.digest ?? null,
    tags: resource.imageTags ?? [],
    status: 'reported',
    verdict: 'scanned',
    why: 'scanned',
  });
  for (const match of objects(report['matches'])) context.emit(readMatch(match, resource, seen, context));
  for (const _ of objects(report['ignoredMatches'])) context.drop('ignored');
}

function resourceOf(source: JsonObject): ResourceRef {
  const target = source['target'];
  if (!isObject(target)) return { type: text(source['type']) ?? 'filesystem', id: text(target) ?? 'unknown' };
  const digests = texts(target['repoDigests']).map((reference) =>
    reference.slice(reference.indexOf('@') + 1),
  );
  return imageResource(text(target['userInput']) ?? 'unknown', {
    digest: digests[0] ?? text(target['manifestDigest']) ?? text(target['imageID']),
    tags: texts(target['tags']),
  });
}

function readMatch(
  match: JsonObject,
  resource: ResourceRef,
  seen: number | undefined,
  context: ReadContext,
): Observation {
  const vulnerability = object(match['vulnerability']);
  const artifact = object(match['artifact']);
  const related = objects(match['relatedVulnerabilities']);
  const id = text(vulnerability['id']) ?? 'unknown';
  const cves = cvesOf(id, related);
  const name = text(artifact['name']) ?? 'unknown';
  const version = text(artifact['version']);
  const fix = object(vulnerability['fix']);
  const fixedIn = chooseFix(texts(fix['versions']).join(', ') || undefined, version);
  const location = objects(artifact['locations'])[0] ?? {};
  const cvss = readCvss([vulnerability, ...related]);
  const epss = objects(vulnerability['epss'])[0] ?? {};
  return {
    lane: 'vuln',
    tool: 'grype',
    sourceId: `${resource.id}/${id}/${text(artifact['id']) ?? name}`,
    file: context.file,
    status: 'active',
    title: `${id} in ${name}`,
    severity: knownSeverity(severityFromWord(vulnerability['severity']), vulnerability['severity'], context),
    severitySource: `grype (${text(vulnerability['namespace']) ?? 'unknown source'})`,
    cve: cves.length === 1 ? cves[0] : undefined,
    advisory: cves[0] === id ? undefined : id,
    // An advisory that stands for several CVEs is none of them alone.
    aliases: cves.length > 1 ? cves : undefined,
    vector: cvss.vector,
    cvss: cvss.scores,
    epss: number(epss['epss']),
    percentile: number(epss['percentile']),
    kev: readKev(objects(vulnerability['knownExploited'])),
    fix: fixedIn === undefined ? (FIX_STATES.get(fix['state']) ?? 'unknown') : 'yes',
    resource,
    package: {
      name,
      version,
      fixedIn,
      ecosystem: text(artifact['type']),
      path: OS_TYPES.has(artifact['type']) ? undefined : text(location['path']),
      layer: text(location['layerID']),
      purl: text(artifact['purl']),
    },
    lastSeen: seen,
  };
}

function cvesOf(id: string, related: readonly JsonObject[]): readonly string[] {
  if (id.startsWith('CVE-')) return [id];
  const ids = related.map((entry) => text(entry['id'])).filter((entry) => entry?.startsWith('CVE-') === true);
  return [...new Set(ids)].filter((entry) => entry !== undefined).sort();
}

function readKev(entries: readonly JsonObject[]): KevFact | undefined {
  const [first] = entries;
  if (first === undefined) return undefined;
  return {
    dateAdded: text(first['dateAdded'])?.slice(0, 10),
    dueDate: text(first['dueDate'])?.slice(0, 10),
    ransomware: entries.some((entry) => text(entry['knownRansomwareCampaignUse'])?.toLowerCase() === 'known'),
  };
}

function readCvss(sources: readonly JsonObject[]): {
  vector: string | undefined;
  scores: readonly number[] | undefined;
} {
  const entries = sources.flatMap((source) => objects(source['cvss']));
  const newest = [...entries].sort((a, b) => (number(b['version']) ?? 0) - (number(a['version']) ?? 0));
  const scores = entries
    .map((entry) => number(object(entry['metrics'])['baseScore']))
    .filter((score) => score !== undefined);
  return {
    vector: newest.map((entry) => text(entry['vector'])).find((vector) => vector !== undefined),
    scores: scores.length === 0 ? undefined : [...new Set(scores)],
  };
}
