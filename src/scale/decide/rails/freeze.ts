/** In a freeze window of the policy nothing is cut. */

import { isoTime } from '../../../kernel/time.js';
import type { FreezeWindow } from '../../policy/policy.js';
import type { Case, Rail } from './rail.js';

export const freezeRail: Rail = {
  id: 'freeze',
  apply: (proposed, about) => (proposed < about.current && frozen(about) !== null ? about.current : proposed),
  why(about, before, after) {
    const window = frozen(about);
    if (window === null) return 'no freeze window is open';
    return before === after
      ? `frozen ${nameOf(window)}`
      : `frozen ${nameOf(window)} (scaleIn.freeze): capacity is kept`;
  },
};

function frozen({ policy, calendar, now }: Case): FreezeWindow | null {
  const { freeze } = policy.scaleIn;
  return freeze.length === 0 ? null : calendar.open(freeze, now);
}

function nameOf(window: FreezeWindow): string {
  return 'days' in window
    ? `${window.days.join(',')} ${window.from} to ${window.to} ${window.timezone}`
    : `${isoTime(window.from)} to ${isoTime(window.to)}`;
}
