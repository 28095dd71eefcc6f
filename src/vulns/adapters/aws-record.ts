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
  const [first, ...rest] = distinct(entries.flatMap((entry) => packageOf(entry, names) ?? []));
  return { package: first, alsoIn: rest.length === 0 ? undefined : rest };
}

function packageOf(entry: JsonObject, names: RecordNames): PackageRef | undefined {
  const name = text(entry[names.name]);
  if (name === undefined) return undefined;
  const manager = names.manager.map((member) => text(entry[member])).find((word) => word !== undefined);
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
