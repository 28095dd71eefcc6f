/** Where the lease of one fleet lies: no two fleets share one. */
import type { Place } from '../group/conflicts.js';

/** Where the lease of a group or service lies: one of its own for each, also of the same name elsewhere. */
export function leaseKey(prefix: string, { kind, name, region }: Place): string {
  // The name of a service says so itself: service/CLUSTER/SERVICE.
  return `${prefix}/${region}/${kind === 'group' ? `group/${name}` : name}.json`;
}
