/** A change of the desired capacity that somebody else made stands for one cooldown, unless the SLO itself would break. */
import { formatDuration } from '../../../kernel/time.js';
import type { Case, Rail } from './rail.js';

export const adoptedRail: Rail = {
  id: 'adopted',
  apply(proposed, about) {
    if (about.now >= about.adoptedUntil) return proposed;
    if (proposed <= about.current) return about.current;
    return Math.max(about.current, Math.min(proposed, sloNeed(about)));
  },
  why(about, before, after) {
    if (about.now >= about.adoptedUntil) return "nobody else's change stands";
    const rest = formatDuration(about.adoptedUntil - about.now);
    if (before === after) return `somebody else set ${about.current}; that stands for another ${rest}`;
    return after > about.current
      ? `somebody else set ${about.current}, but the SLO needs ${after} now`
      : `somebody else set ${about.current}: it stands for another ${rest}, since the SLO holds`;
  },
};

/** Instances without which the SLO breaks now. */
function sloNeed({ demand, policy }: Case): number {
  return demand === null ? 0 : Math.ceil(demand / policy.signal.sloUtil - 1e-9);
}
