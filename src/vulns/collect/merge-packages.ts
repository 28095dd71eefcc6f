/** The package that names a joined finding, and the further ones that it covers, each with what any source knows of it. */
import type { Merged, Observation, PackageRef } from '../model.js';

/** @param from richest first: its package names the finding */
export function mergePackages(from: readonly Observation[]): Pick<Merged, 'package' | 'alsoIn'> {
  const plain = samePackages(from);
  if (plain !== null) return { package: plain.length === 0 ? undefined : joined(plain), alsoIn: undefined };
  const byName = new Map<string, PackageRef[]>();
  for (const { package: pkg, alsoIn } of from)
    for (const one of pkg === undefined ? (alsoIn ?? []) : [pkg, ...(alsoIn ?? [])]) {
      const known = byName.get(nameOf(one));
      if (known === undefined) byName.set(nameOf(one), [one]);
      else known.push(one);
    }
  const [first, ...rest] = [...byName.values()].map(joined);
  if (rest.length === 0) return { package: first, alsoIn: undefined };
  return { package: first, alsoIn: rest.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) };
}

/** The packages of sources that all speak of one, which is nearly always so; else null. */
function samePackages(from: readonly Observation[]): readonly PackageRef[] | null {
  const all: PackageRef[] = [];
  for (const { package: pkg, alsoIn } of from) {
    if (alsoIn !== undefined) return null;
    if (pkg === undefined) continue;
    const [first] = all;
    if (first !== undefined && (pkg.name !== first.name || pkg.path !== first.path)) return null;
    all.push(pkg);
  }
  return all;
}

function nameOf({ name, path }: PackageRef): string {
  return `${name.toLowerCase()}\n${path ?? ''}`;
}

function joined(all: readonly PackageRef[]): PackageRef {
  const read = <K extends keyof PackageRef>(key: K): PackageRef[K] | undefined => {
    for (const one of all) if (one[key] !== undefined) return one[key];
    return undefined;
  };
  return {
    name: all[0]?.name ?? '',
    version: read('version'),
    fixedIn: read('fixedIn'),
    ecosystem: read('ecosystem'),
    path: read('path'),
    layer: read('layer'),
    purl: read('purl'),
  };
}
