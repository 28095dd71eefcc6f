/** While a target is unhealthy nothing is cut: what is left may already be too little. */
import { newest } from './database.js';
import { type Case, keepWhere, type Rail } from './rail.js';

export const unhealthyRail: Rail = {
  id: 'unhealthy',
  apply: (proposed, about) =>
    keepWhere(
      proposed < about.current && about.policy.rails.unhealthyStop && ill(about) !== 0,
      proposed,
      about,
    ),
  why(about, before, after) {
    if (!about.policy.rails.unhealthyStop) return 'switched off by rails.unhealthyStop';
    const count = ill(about);
    if (count === null) {
      const unknown = 'how many targets are unhealthy is not known';
      return before === after ? unknown : `${unknown}: capacity is kept`;
    }
    if (count === 0) return 'every target is healthy';
    const targets = `${count} unhealthy ${count === 1 ? 'target' : 'targets'}`;
    return before === after ? targets : `${targets}: capacity is kept`;
  },
};

// The larger of what the load balancer counted and what the group says of its instances;
// null where that is none and the balancer's count cannot be trusted. Without a balancer there is no such count.
function ill({ snapshot, policy: { timing }, now }: Case): number | null {
  let count = 0;
  for (const { state, healthy } of snapshot.group.instances) if (state === 'inService' && !healthy) count++;
  const series = snapshot.metrics.unhealthyHosts;
  if (series === null) return count;
  const maxAge = timing.maxAge + Math.max(0, series.periodMs - 60_000);
  const counted = newest(series, now - timing.settle.alb, maxAge);
  const most = Math.max(count, counted ?? 0);
  return most === 0 && (counted === null || series.status !== 'complete') ? null : most;
}
