/** CycloneDX bills of materials with vulnerabilities: one finding for each component that one affects. */
import { identityOf } from '../keys.js';
import type { Observation, ResourceRef, Severity } from '../model.js';
import { severityFromCvss, severityFromWord } from '../severity.js';
import type { Adapter, ReadContext } from './adapter.js';
import { instantOr, knownSeverity } from './aws-fields.js';
import { imageResource } from './image-name.js';
import { type JsonObject, number, object, objects, text } from './json.js';

export const cyclonedxAdapter: Adapter = {
  tool: 'cyclonedx',
  matches: (document) => document['bomFormat'] === 'CycloneDX',
  read: readBom,
};

/** CycloneDX analysis states that leave no work (specification 1.6, vulnerability analysis). */
const HARMLESS: ReadonlySet<unknown> = new Set(['not_affected', 'false_positive']);
const RESOLVED: ReadonlySet<unknown> = new Set(['resolved', 'resolved_with_pedigree']);

function readBom(bom: JsonObject, context: ReadContext): void {
  const metadata = object(bom['metadata']);
  const resource = resourceOf(object(metadata['component']), bom);
  const components = componentIndex(bom);
  const seen = instantOr(metadata['timestamp'], context);
  if (Array.isArray(bom['vulnerabilities']))
    context.cover({
      tool: 'cyclonedx',
      id: identityOf(resource),
      repo: resource.repo ?? null,
      digest: resource.digest ?? null,
      tags: resource.imageTags ?? [],
      status: 'reported',
      verdict: 'scanned',
      why: 'scanned',
    });
  for (const vulnerability of objects(bom['vulnerabilities'])) {
    const affects = objects(vulnerability['affects']);
    const refs = affects.length === 0 ? [''] : affects.map((entry) => text(entry['ref']) ?? '');
    for (const ref of refs) context.emit(observe(vulnerability, ref, components, resource, seen, context));
  }
}

const INDEXES = new WeakMap<object, ReadonlyMap<string, JsonObject>>();

function componentIndex(bom: JsonObject): ReadonlyMap<string, JsonObject> {
  const list = bom['components'];
  if (!Array.isArray(list)) return new Map();
  const known = INDEXES.get(list);
  if (known !== undefined) return known;
  const index = new Map<string, JsonObject>();
  const add = (component: JsonObject): void => {
    const ref = text(component['bom-ref']) ?? text(component['purl']);
    if (ref !== undefined) index.set(ref, component);
    for (const inner of objects(component['components'])) add(inner);
  };
  for (const component of objects(list)) add(component);
  INDEXES.set(list, index);
  return index;
}

function resourceOf(component: JsonObject, bom: JsonObject): ResourceRef {
  const name = text(component['name']) ?? text(bom['serialNumber']) ?? 'unknown';
  if (component['type'] !== 'container') return { type: text(component['type']) ?? 'application', id: name };
  const version = text(component['version']);
  const isDigest = version?.startsWith('sha256:') === true;
  return imageResource(isDigest || version === undefined ? name : `${name}:${version}`, {
    digest: isDigest ? version : undefined,
  });
}

function observe(
  vulnerability: JsonObject,
  ref: string,
  components: ReadonlyMap<string, JsonObject>,
  resource: ResourceRef,
  seen: number | undefined,
  context: ReadContext,
): Observation {
  const id = text(vulnerability['id']) ?? 'unknown';
  const isCve = id.startsWith('CVE-');
  const component = components.get(ref);
  const name = text(component?.['name']) ?? (ref === '' ? undefined : ref);
  const group = text(component?.['group']);
  const ratings = objects(vulnerability['ratings']);
  const analysis = object(vulnerability['analysis']);
  return {
    lane: 'vuln',
    tool: 'cyclonedx',
    sourceId: `${resource.id}/${id}/${ref}`,
    file: context.file,
    status: statusOf(analysis['state']),
    title: name === undefined ? id : `${id} in ${name}`,
    severity: severityOf(ratings, context),
    severitySource: 'cyclonedx rating',
    cve: isCve ? id : undefined,
    advisory: isCve ? undefined : id,
    aliases: aliasesOf(vulnerability, id),
    vector: ratings.map((rating) => prefixed(rating)).find((vector) => vector !== undefined),
    cvss: scoresOf(ratings),
    exploit: analysis['state'] === 'exploitable' ? 'poc' : undefined,
    fix: 'unknown',
    resource,
    package:
      name === undefined
        ? undefined
        : {
            name: group === undefined ? name : `${group}/${name}`,
            version: text(component?.['version']),
            purl: text(component?.['purl']) ?? (ref.startsWith('pkg:') ? ref : undefined),
          },
    firstSeen: instantOr(analysis['firstIssued'], context),
    lastSeen: seen ?? instantOr(analysis['lastUpdated'], context),
  };
}

// A bill that calls itself unaffected is believed as long as any other source's suppression is; --vex gives reasons.
function statusOf(state: unknown): Observation['status'] {
  if (RESOLVED.has(state)) return 'closed';
  return HARMLESS.has(state) ? 'suppressed' : 'active';
}

function aliasesOf(vulnerability: JsonObject, id: string): readonly string[] | undefined {
  const ids = objects(vulnerability['references']).map((reference) => text(reference['id']));
  const others = [...new Set(ids)]
    .filter((entry): entry is string => entry !== undefined && entry !== id)
    .sort();
  return others.length === 0 ? undefined : others;
}

// Some authors leave the CVSS:3.1/ off; the method tells which it was.
function prefixed(rating: JsonObject): string | undefined {
  const vector = text(rating['vector']);
  if (vector === undefined || vector.startsWith('CVSS:')) return vector;
  const method = text(rating['method']);
  if (method === 'CVSSv31' || method === 'CVSSv3') return `CVSS:3.1/${vector}`;
  return method === 'CVSSv4' ? `CVSS:4.0/${vector}` : vector;
}

function scoresOf(ratings: readonly JsonObject[]): readonly number[] | undefined {
  const scores = ratings
    .map((rating) => number(rating['score']))
    .filter((score) => score !== undefined && score >= 0 && score <= 10);
  return scores.length === 0 ? undefined : [...new Set(scores as number[])];
}

// The first rating speaks: NVD by custom. A later one of the author's environment does not lower it.
function severityOf(ratings: readonly JsonObject[], context: ReadContext): Severity {
  const [first] = ratings;
  if (first === undefined) return 'unknown';
  const word = first['severity'];
  return knownSeverity(severityFromWord(word) ?? severityFromCvss(number(first['score'])), word, context);
}
