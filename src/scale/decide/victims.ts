/** Which instances to take away: from the fullest zone, what is idle, what has fewest credits, what is oldest. */
import type { Group, InstanceFact } from './snapshot.js';

/** Best first; fewer than `count` where the others are protected, unhealthy or the last of their zone. */
export function chooseVictims(group: Group, count: number, perAz: number): string[] {
  const left = group.instances.filter(({ state }) => state === 'inService' || state === 'pending');
  const chosen: string[] = [];
  while (chosen.length < count) {
    const victim = left.filter((one) => mayLeave(one, left, perAz)).sort((a, b) => compare(a, b, left))[0];
    if (victim === undefined) break;
    chosen.push(victim.id);
    left.splice(left.indexOf(victim), 1);
  }
  return chosen;
}

function mayLeave(one: InstanceFact, left: readonly InstanceFact[], perAz: number): boolean {
  return !one.isProtected && inZone(one.zone, left) > perAz;
}

function inZone(zone: string, left: readonly InstanceFact[]): number {
  return left.filter((one) => one.zone === zone).length;
}

function compare(a: InstanceFact, b: InstanceFact, left: readonly InstanceFact[]): number {
  return (
    inZone(b.zone, left) - inZone(a.zone, left) ||
    (a.busyJobs ?? 0) - (b.busyJobs ?? 0) ||
    (a.creditBalance ?? 0) - (b.creditBalance ?? 0) ||
    a.launchedAt - b.launchedAt ||
    (a.id < b.id ? -1 : 1)
  );
}
