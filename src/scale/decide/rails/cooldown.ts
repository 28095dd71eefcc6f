/** After a change of capacity, nothing is cut for a while; more is added at any time. */
import { formatDuration } from '../../../kernel/time.js';
import type { Rail } from './rail.js';

export const cooldownRail: Rail = {
  id: 'cooldown',
  apply: (proposed, about) =>
    proposed < about.current &&
    about.lastChange !== 0 &&
    about.now - about.lastChange < about.policy.scaleIn.cooldown
      ? about.current
      : proposed,
  why(about, before, after) {
    const { cooldown } = about.policy.scaleIn;
    const rest = about.lastChange === 0 ? 0 : about.lastChange + cooldown - about.now;
    if (before !== after)
      return `capacity changed ${formatDuration(about.now - about.lastChange)} ago: no cut for another ${formatDuration(rest)}`;
    return rest > 0 ? `runs for another ${formatDuration(rest)}` : 'no cooldown runs';
  },
};
