/** Nothing is cut before the whole scale-in window has been seen without a hole. */
import { formatDuration } from '../../../kernel/time.js';
import type { Rail } from './rail.js';

export const windowRail: Rail = {
  id: 'window',
  apply: (proposed, { current, now, since, policy }) =>
    proposed < current && (since === 0 || now - since < policy.scaleIn.window) ? current : proposed,
  why({ now, since, policy: { scaleIn } }, before, after) {
    const seen = since === 0 ? 0 : Math.max(0, now - since);
    const whole = formatDuration(scaleIn.window);
    if (before !== after)
      return `only ${formatDuration(seen)} of the window of ${whole} has been seen without a hole: nothing is cut yet`;
    return seen < scaleIn.window
      ? `${formatDuration(seen)} of ${whole} seen; nothing was to be cut`
      : `the whole window of ${whole} has been seen`;
  },
};
