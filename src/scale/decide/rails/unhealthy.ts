/** While a target is unhealthy nothing is cut: what is left may already be too little. */
import { newest } from './database.js';
import { type Case, keepWhere, type Rail } from './rail.js';

export const unhealthyRail: Rail = {
  id: 'unhealthy',
  apply: (proposed, about) =>
    keepWhere(
      proposed < about.current && about.policy.rails.unhealthyStop && ill(about) > 0,
      proposed,
      about,
    ),
  why(about, before, after) {
    if (!about.policy.rails.unhealthyStop) return 'switched off by rails.unhealthyStop';
    const count = ill(about);
    if (count === 0) return 'every target is healthy';
    const targets = `${count} unhealthy ${count === 1 ? 'target' : 'targets'}`;
    return before === after ? targets : `${targets}: capacity is kept`;
  },
};

// The larger of what the load balancer counted and what the group says of its instances.
function ill({ snapshot, policy: { timing }, now }: Case): number {
  let count = 0;
  for (const { state, healthy } of snapshot.group.instances) if (state === 'inService' && !healthy) count++;
  return Math.max(
    count,
    newest(snapshot.metrics.unhealthyHosts, now - timing.settle.alb, timing.maxAge) ?? 0,
  );
}
