/** Never above the maximum nor below the minimum of the policy, its schedule and the group itself. */
import type { Case, Rail } from './rail.js';

export const boundsRail: Rail = {
  id: 'bounds',
  // A group that is above the maximum already is brought down like any other cut: in steps, on good data.
  apply(proposed, about) {
    const most = Math.max(highest(about), Math.min(proposed, about.current));
    return Math.max(lowest(about), Math.min(most, proposed));
  },
  why(about, before, after) {
    const { policy, snapshot } = about;
    if (before === after) return `within ${lowest(about)} to ${highest(about)}`;
    if (before > after)
      return `${before} is above the maximum: ${after} (policy ${policy.bounds.max}, group ${snapshot.group.max})`;
    return `${before} is below the minimum: ${after} (policy ${policy.bounds.min}, schedule ${scheduled(about)}, group ${snapshot.group.min})`;
  },
};

/** Never more than AWS would take. */
export function highest({ policy, snapshot }: Case): number {
  return Math.min(policy.bounds.max, snapshot.group.max);
}

function lowest(about: Case): number {
  const { policy, snapshot } = about;
  return Math.min(highest(about), Math.max(policy.bounds.min, snapshot.group.min, scheduled(about)));
}

function scheduled({ policy, calendar, now }: Case): number {
  let least = 0;
  for (const floor of policy.schedule) {
    if (floor.min > least && calendar.open([floor], now) !== null) least = floor.min;
  }
  return least;
}
