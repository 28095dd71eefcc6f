/** After the clock was put back, nothing is cut for a while: what is known may lie in the future. */
import { formatDuration } from '../../../kernel/time.js';
import type { Rail } from './rail.js';

export const clockRail: Rail = {
  id: 'clock',
  apply: (proposed, { current, now, clockUntil }) =>
    proposed < current && now < clockUntil ? current : proposed,
  why({ now, clockUntil }, before, after) {
    if (now >= clockUntil) return 'time runs forward';
    const rest = formatDuration(clockUntil - now);
    return before === after
      ? `the clock was put back: no cut for another ${rest}`
      : `the clock was put back: capacity is kept for another ${rest}`;
  },
};
