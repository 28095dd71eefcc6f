/** Never so few that a zone would be left with less than its share. */
import { highest } from './bounds.js';
import type { Case, Rail } from './rail.js';

export const zonesRail: Rail = {
  id: 'zones',
  apply(proposed, about) {
    if (proposed < about.current && thinZone(about) !== null) return Math.max(proposed, about.current);
    return Math.max(proposed, floorOf(about));
  },
  why(about, before, after) {
    const { policy, snapshot } = about;
    const floor = `${policy.bounds.perAz} in each of ${snapshot.group.zones.length} zones`;
    if (before === after) return `${floor}: at least ${floorOf(about)}`;
    const thin = thinZone(about);
    return before < about.current && thin !== null
      ? `${thin} has fewer than ${policy.bounds.perAz} in service: capacity is kept until it is whole`
      : `${floor}: ${before} would be too few`;
  },
};

function floorOf(about: Case): number {
  return Math.min(highest(about), about.policy.bounds.perAz * about.snapshot.group.zones.length);
}

// A cut now could take what a zone still has, or set off a rebalancing of the group.
function thinZone({ policy, snapshot: { group } }: Case): string | null {
  for (const zone of group.zones) {
    let serving = 0;
    for (const one of group.instances)
      if (one.zone === zone && one.state === 'inService' && one.healthy) serving++;
    if (serving < policy.bounds.perAz) return zone;
  }
  return null;
}
