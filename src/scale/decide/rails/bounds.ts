/** Never above the maximum nor below the minimum of the policy, the schedule and the group itself. */
import type { Case, Rail } from './rail.js';

export const boundsRail: Rail = {
  id: 'bounds',
  apply: (proposed, about) => Math.max(lowest(about), Math.min(highest(about), proposed)),
  why(about, before, after) {
    const limits = `${lowest(about)} to ${highest(about)}`;
    if (before === after) return `within ${limits}`;
    return before > after
      ? `${before} is above the maximum: ${after} (policy ${about.policy.bounds.max}, group ${about.snapshot.group.max})`
      : `${before} is below the minimum: ${after} (policy ${about.policy.bounds.min}, group ${about.snapshot.group.min})`;
  },
};

function highest({ policy, snapshot }: Case): number {
  return Math.min(policy.bounds.max, snapshot.group.max);
}

// The group's own maximum wins: AWS would refuse more.
function lowest(about: Case): number {
  const { policy, snapshot } = about;
  return Math.min(highest(about), Math.max(policy.bounds.min, snapshot.group.min));
}
