/** The tag `roc:scale=off` on the group stops roc from changing anything. */
import type { Rail } from './rail.js';

export const offSwitchRail: Rail = {
  id: 'off-switch',
  apply(proposed, { current, snapshot: { facts } }) {
    if (facts.isSwitchedOff === true) return current;
    return facts.isSwitchedOff === null ? Math.max(current, proposed) : proposed;
  },
  why({ snapshot: { facts } }, before, after) {
    if (facts.isSwitchedOff === true)
      return before === after
        ? 'the tag roc:scale=off is set'
        : 'the tag roc:scale=off is set: nothing changes; remove the tag to let roc act again';
    if (facts.isSwitchedOff === false) return 'the tag roc:scale=off is not set';
    return before === after
      ? 'whether the tag roc:scale=off is set could not be found out'
      : 'whether the tag roc:scale=off is set could not be found out: capacity is kept';
  },
};
