/** One decision changes capacity by no more than a step. */
import type { Rail } from './rail.js';

export const stepRail: Rail = {
  id: 'step',
  apply(proposed, { current, policy: { bounds } }) {
    return Math.max(current - bounds.maxStepIn, Math.min(current + bounds.maxStepOut, proposed));
  },
  why({ policy: { bounds } }, before, after) {
    return before === after
      ? `at most ${bounds.maxStepOut} out and ${bounds.maxStepIn} in at once`
      : `${before} is more than a step away (${bounds.maxStepOut} out, ${bounds.maxStepIn} in): ${after} for now`;
  },
};
