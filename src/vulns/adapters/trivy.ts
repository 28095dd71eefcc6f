/** Trivy's JSON report (schema 2): packages, misconfigurations and secrets of an image, a folder or a repository. */
import { identityOf } from '../keys.js';
import type { Coverage, FixState, Observation, ResourceRef } from '../model.js';
import { severityFromWord } from '../severity.js';
import { compareVersions } from '../versions.js';
import type { Adapter, ReadContext } from './adapter.js';
import { instantOr, knownSeverity } from './aws-fields.js';
import { imageResource } from './image-name.js';
import { type JsonObject, number, object, objects, text, texts } from './json.js';

export const trivyAdapter: Adapter = {
  tool: 'trivy',
  matches: (document) =>
    typeof document['ArtifactName'] === 'string' &&
    (Array.isArray(document['Results']) || document['SchemaVersion'] !== undefined),
  read: readTrivy,
};

/** What Trivy says when there is no fixed version: a fact about the vendor, or nothing at all. */
const NO_FIX: ReadonlySet<string> = new Set(['affected', 'will_not_fix', 'fix_deferred', 'end_of_life']);

function readTrivy(report: JsonObject, context: ReadContext): void {
  const resource = resourceOf(report);
  context.cover({
    tool: 'trivy',
    id: identityOf(resource),
    repo: resource.repo ?? null,
    digest: resource.digest ?? null,
    tags: resource.imageTags ?? [],
    ...ageOf(object(report['Metadata'])),
  });
  const seen = instantOr(report['CreatedAt'], context);
  for (const result of objects(report['Results'])) {
    for (const found of objects(result['Vulnerabilities']))
      context.emit(vulnerability(found, result, resource, seen, context));
    for (const found of objects(result['Misconfigurations']))
      misconfiguration(found, result, resource, seen, context);
    for (const found of objects(result['Secrets']))
      context.emit(secret(found, result, resource, seen, context));
    for (const _ of objects(result['ExperimentalModifiedFindings'])) context.drop('ignored');
  }
}

// Nobody writes advisories for a system past its end: what the scanner does not find there may well be there.
function ageOf(metadata: JsonObject): Pick<Coverage, 'status' | 'verdict' | 'why'> {
  const os = object(metadata['OS']);
  if (os['EOSL'] !== true) return { status: 'reported', verdict: 'scanned', why: 'scanned' };
  const name = [text(os['Family']), text(os['Name'])].filter((word) => word !== undefined).join(' ');
  return {
    status: 'END_OF_LIFE',
    verdict: 'missing',
    why: `${name || 'its system'} is past its end of life: new problems are not published for it`,
  };
}

function resourceOf(report: JsonObject): ResourceRef {
  const name = text(report['ArtifactName']) ?? 'unknown';
  const kind = text(report['ArtifactType']);
  const metadata = object(report['Metadata']);
  const digests = texts(metadata['RepoDigests']);
  const isImage = kind === 'container_image' || digests.length > 0;
  if (!isImage) return { type: kind ?? 'filesystem', id: name };
  const [digest] = digests.map((reference) => reference.slice(reference.indexOf('@') + 1));
  return imageResource(name, {
    digest: digest ?? text(metadata['ImageID']),
    tags: texts(metadata['RepoTags']),
  });
}

function vulnerability(
  found: JsonObject,
  result: JsonObject,
  resource: ResourceRef,
  seen: number | undefined,
  context: ReadContext,
): Observation {
  const id = text(found['VulnerabilityID']) ?? 'unknown';
  const isCve = id.startsWith('CVE-');
  const name = text(found['PkgName']) ?? 'unknown';
  const version = text(found['InstalledVersion']);
  const fixedIn = chooseFix(text(found['FixedVersion']), version);
  const cvss = readCvss(object(found['CVSS']));
  const isOs = result['Class'] === 'os-pkgs';
  const layer = object(found['Layer']);
  return {
    lane: 'vuln',
    tool: 'trivy',
    sourceId: `${resource.id}/${id}/${text(found['PkgID']) ?? name}`,
    file: context.file,
    status: 'active',
    title: text(found['Title']) ?? id,
    severity: knownSeverity(severityFromWord(found['Severity']), found['Severity'], context),
    severitySource: `trivy (${text(found['SeveritySource']) ?? 'unknown source'})`,
    cve: isCve ? id : undefined,
    advisory: isCve ? undefined : id,
    vector: cvss.vector,
    cvss: cvss.scores,
    fix: fixOf(fixedIn, text(found['Status'])),
    resource,
    package: {
      name,
      version,
      fixedIn,
      ecosystem: text(result['Type']),
      path: isOs ? undefined : (text(found['PkgPath']) ?? text(result['Target'])),
      layer: text(layer['Digest']) ?? text(layer['DiffID']),
      purl: text(object(found['PkgIdentifier'])['PURL']),
    },
    lastSeen: seen,
  };
}

function fixOf(fixedIn: string | undefined, status: string | undefined): FixState {
  if (fixedIn !== undefined) return 'yes';
  return status !== undefined && NO_FIX.has(status) ? 'no' : 'unknown';
}

/** Of `1.2.3, 2.0.1` the lowest that is above what is installed: the smallest step that helps. */
export function chooseFix(fixed: string | undefined, installed: string | undefined): string | undefined {
  if (fixed === undefined) return undefined;
  const versions = fixed.split(/\s*,\s*/).filter((version) => version !== '');
  const above = versions.filter(
    (version) => installed === undefined || compareVersions(version, installed) > 0,
  );
  return [...(above.length > 0 ? above : versions)].sort(compareVersions)[0];
}

// One entry a source: NVD first, then the vendor's, each with up to three CVSS versions.
function readCvss(sources: JsonObject): {
  vector: string | undefined;
  scores: readonly number[] | undefined;
} {
  const entries = ['nvd', 'ghsa', 'redhat', ...Object.keys(sources).sort()].map((name) =>
    object(sources[name]),
  );
  const vector = ['V40Vector', 'V3Vector', 'V2Vector'].flatMap((key) =>
    entries.map((entry) => text(entry[key])),
  );
  const scores = ['nvd', ...Object.keys(sources).sort()]
    .map((name) => number(object(sources[name])['V3Score']))
    .filter((score) => score !== undefined);
  return {
    vector: vector.find((entry) => entry !== undefined),
    scores: scores.length === 0 ? undefined : [...new Set(scores)],
  };
}

function misconfiguration(
  found: JsonObject,
  result: JsonObject,
  resource: ResourceRef,
  seen: number | undefined,
  context: ReadContext,
): void {
  if (found['Status'] === 'PASS') {
    context.drop('passed');
    return;
  }
  const control = text(found['AVDID']) ?? text(found['ID']) ?? 'unknown';
  const target = text(result['Target']) ?? '';
  context.emit({
    lane: 'config',
    tool: 'trivy',
    sourceId: `${resource.id}/${target}/${control}`,
    file: context.file,
    status: 'active',
    title: text(found['Title']) ?? control,
    severity: knownSeverity(severityFromWord(found['Severity']), found['Severity'], context),
    severitySource: 'trivy',
    control,
    fix: 'unknown',
    resource: { ...resource, id: `${resource.id}#${target}`, repo: undefined, digest: undefined },
    lastSeen: seen,
  });
}

// The match itself stays out: a report must not spread the secret that it warns of.
function secret(
  found: JsonObject,
  result: JsonObject,
  resource: ResourceRef,
  seen: number | undefined,
  context: ReadContext,
): Observation {
  const rule = text(found['RuleID']) ?? 'secret';
  const place = `${text(result['Target']) ?? ''}:${number(found['StartLine']) ?? 0}`;
  return {
    lane: 'secret',
    tool: 'trivy',
    sourceId: `${rule}/${place}`,
    file: context.file,
    status: 'active',
    title: `${text(found['Title']) ?? rule} in ${place}`,
    severity: knownSeverity(severityFromWord(found['Severity']), found['Severity'], context),
    severitySource: 'trivy',
    kind: rule,
    fix: 'unknown',
    resource,
    lastSeen: seen,
  };
}
