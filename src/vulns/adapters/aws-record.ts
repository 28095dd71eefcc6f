/** What Inspector, ASFF and OCSF tell alike of a vulnerability, under names of their own. */
import type { Observation, PackageRef } from '../model.js';
import { cvssFacts, fixedVersion, packagePath, packageVersion } from './aws-fields.js';
import { type JsonObject, text } from './json.js';

/** How a dialect names the members of a package and of a CVSS entry. */
export interface RecordNames {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly manager: readonly string[];
  readonly fixedIn: string;
  readonly path: string;
  readonly purl?: string;
  readonly layer: (pkg: JsonObject) => unknown;
  readonly vector: string;
  readonly score: string;
}

export type PackageFacts = Pick<Observation, 'package' | 'alsoIn'>;

/** All packages of a record; the first by name names the finding, so that every source picks the same one. */
export function packagesOf(entries: readonly JsonObject[], names: RecordNames): PackageFacts {
  const [only] = entries;
  if (entries.length === 0 || only === undefined) return NO_PACKAGE;
  if (entries.length === 1) return { package: packageOf(only, names), alsoIn: undefined };
  const [first, ...rest] = distinct(entries.flatMap((entry) => packageOf(entry, names) ?? []));
  return { package: first, alsoIn: rest.length === 0 ? undefined : rest };
}

const NO_PACKAGE: PackageFacts = { package: undefined, alsoIn: undefined };

function packageOf(entry: JsonObject, names: RecordNames): PackageRef | undefined {
  const name = text(entry[names.name]);
  if (name === undefined) return undefined;
  const manager = firstText(entry, names.manager);
  return {
    name,
    version: packageVersion(text(entry[names.version]), text(entry[names.release])),
    fixedIn: fixedVersion(entry[names.fixedIn]),
    ecosystem: manager?.toLowerCase(),
    path: packagePath(manager, entry[names.path]),
    layer: text(names.layer(entry)),
    purl: names.purl === undefined ? undefined : text(entry[names.purl]),
  };
}

function firstText(entry: JsonObject, members: readonly string[]): string | undefined {
  for (const member of members) {
    const found = text(entry[member]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function distinct(packages: readonly PackageRef[]): readonly PackageRef[] {
  if (packages.length < 2) return packages;
  const byName = new Map<string, PackageRef>();
  for (const pkg of packages) {
    const name = `${pkg.name}\n${pkg.path ?? ''}`;
    if (!byName.has(name)) byName.set(name, pkg);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, pkg]) => pkg);
}

/** The id as CVE or as advisory, with the other names that the source gives. */
export function idFacts(
  id: string | undefined,
  related: readonly string[] = [],
): Pick<Observation, 'cve' | 'advisory' | 'aliases'> {
  const isCve = id?.startsWith('CVE-') === true;
  return {
    cve: isCve ? id : undefined,
    advisory: isCve ? undefined : id,
    aliases: related.length === 0 ? undefined : related,
  };
}

export function cvssOf(
  entries: readonly JsonObject[],
  names: RecordNames,
): Pick<Observation, 'vector' | 'cvss'> {
  const { vector, scores } = cvssFacts(entries, names);
  return { vector, cvss: scores };
}

/** An id that joins sources; anything that is no ARN joins nothing. */
export function arnOf(id: string | undefined): string | undefined {
  return id?.startsWith('arn:') === true ? id : undefined;
}

export type VulnerabilityFacts = Pick<
  Observation,
  | 'cve'
  | 'advisory'
  | 'aliases'
  | 'vector'
  | 'cvss'
  | 'epss'
  | 'percentile'
  | 'kev'
  | 'exploit'
  | 'fix'
  | 'package'
  | 'alsoIn'
>;

/** Both together, member by member: a million of these are made in a run, and a spread takes ten times as long. */
export function withVulnerability(base: Observation, facts: VulnerabilityFacts): Observation {
  return {
    lane: base.lane,
    tool: base.tool,
    sourceId: base.sourceId,
    file: base.file,
    status: base.status,
    title: base.title,
    severity: base.severity,
    severitySource: base.severitySource,
    arn: base.arn,
    cve: facts.cve,
    advisory: facts.advisory,
    aliases: facts.aliases,
    vector: facts.vector,
    cvss: facts.cvss,
    epss: facts.epss,
    percentile: facts.percentile,
    kev: facts.kev,
    exploit: facts.exploit,
    fix: facts.fix,
    resource: base.resource,
    package: facts.package,
    alsoIn: facts.alsoIn,
    firstSeen: base.firstSeen,
    lastSeen: base.lastSeen,
  };
}
