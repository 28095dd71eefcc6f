/** Nothing is cut before the whole scale-in window has been seen without a hole. */
import { formatDuration } from '../../../kernel/time.js';
import type { Rail } from './rail.js';

export const windowRail: Rail = {
  id: 'window',
  apply: (proposed, about) =>
    proposed < about.current && about.now - about.since < about.policy.scaleIn.window
      ? about.current
      : proposed,
  why(about, before, after) {
    const seen = about.since === 0 ? 0 : Math.max(0, about.now - about.since);
    const whole = formatDuration(about.policy.scaleIn.window);
    if (before !== after)
      return `only ${formatDuration(seen)} of the ${whole} window has been seen without a hole: nothing is cut yet`;
    return seen < about.policy.scaleIn.window
      ? `${formatDuration(seen)} of ${whole} seen; nothing was to be cut`
      : `the whole window of ${whole} has been seen`;
  },
};
