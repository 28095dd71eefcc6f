/** After a change of capacity, nothing is cut for a while; more is added at any time. */
import { formatDuration } from '../../../kernel/time.js';
import { type Case, keepWhere, type Rail } from './rail.js';

export const cooldownRail: Rail = {
  id: 'cooldown',
  apply: (proposed, about) => keepWhere(proposed < about.current && restOf(about) > 0, proposed, about),
  why(about, before, after) {
    const rest = restOf(about);
    if (rest <= 0) return 'no cooldown runs';
    return before === after
      ? `capacity changed of late: no cut for another ${formatDuration(rest)}`
      : `capacity changed of late: kept for another ${formatDuration(rest)}`;
  },
};

function restOf({ actions, now, policy }: Case): number {
  const last = actions.at(-1);
  return last === undefined ? 0 : Math.abs(last) + policy.scaleIn.cooldown - now;
}
