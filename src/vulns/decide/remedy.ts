/** The action in words, and the name under which findings that one action removes come together. */

import { identityOf } from '../keys.js';
import type { Merged, PackageRef } from '../model.js';

export const REMEDIES = ['upgrade', 'mitigate', 'investigate', 'configure', 'correct', 'rotate'] as const;
export type Remedy = (typeof REMEDIES)[number];

export function remedyOf(finding: Merged): Remedy {
  switch (finding.lane) {
    case 'vuln':
      return finding.fix === 'yes' || finding.fix === 'partial' ? 'upgrade' : 'mitigate';
    case 'threat':
      return 'investigate';
    case 'config':
      return 'configure';
    case 'secret':
      return 'rotate';
    case 'code':
    case 'pentest':
      return 'correct';
  }
}

/** Findings with the same text are removed by the same work. */
export function actionKey(finding: Merged, remedy: Remedy): string {
  const { package: pkg } = finding;
  switch (finding.lane) {
    case 'vuln':
      return pkg === undefined
        ? `${remedy}\n${finding.cve ?? finding.advisory ?? finding.title}`
        : `${remedy}\n${pkg.name}\n${pkg.version ?? ''}\n${pkg.layer ?? ''}`;
    case 'threat':
      return `${remedy}\n${finding.kind ?? finding.title}\n${identityOf(finding.resource)}`;
    case 'config':
      return `${remedy}\n${finding.control ?? finding.kind ?? finding.title}`;
    case 'code':
    case 'secret':
      return `${remedy}\n${finding.kind ?? finding.title}`;
    case 'pentest':
      return `${remedy}\n${finding.key}`;
  }
}

/** One line for one finding. */
export function remedyText(finding: Merged, remedy: Remedy): string {
  const { package: pkg } = finding;
  if (remedy === 'upgrade' && pkg !== undefined)
    return `upgrade ${[pkg, ...(finding.alsoIn ?? [])].slice(0, NAMED).map(target).join(', ')}${more(finding)}`;
  if (remedy === 'mitigate') {
    const why = finding.fix === 'no' ? 'no fixed version exists' : 'no fixed version is known';
    return `mitigate or replace ${pkg?.name ?? 'the component'}: ${why}`;
  }
  if (remedy === 'investigate') return `investigate ${finding.kind ?? finding.title}`;
  if (remedy === 'configure') return `correct ${finding.control ?? finding.kind ?? finding.title}`;
  return remedy === 'rotate' ? 'revoke and rotate the secret' : 'correct the weakness';
}

/** So many packages of one finding are named; the rest is a number. */
const NAMED = 4;

function target({ name, fixedIn }: PackageRef): string {
  return fixedIn === undefined ? name : `${name} to ${fixedIn}`;
}

function more({ alsoIn = [] }: Merged): string {
  const left = alsoIn.length + 1 - NAMED;
  return left > 0 ? ` and ${left} more packages` : '';
}
