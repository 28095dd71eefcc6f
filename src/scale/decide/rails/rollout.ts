/** While instances are being replaced or a deployment runs nothing is cut; not knowing counts as running. */
import type { Case, Rail } from './rail.js';

export const rolloutRail: Rail = {
  id: 'rollout',
  apply: (proposed, about) =>
    proposed < about.current && running(about) !== null ? about.current : proposed,
  why(about, before, after) {
    const what = running(about);
    if (what === null) return 'no instance refresh and no deployment runs';
    return before === after ? what : `${what}: capacity is kept`;
  },
};

function running({ snapshot: { facts } }: Case): string | null {
  if (facts.isRefreshing === true) return 'an instance refresh runs';
  if (facts.isDeploying === true) return 'a deployment runs';
  if (facts.isRefreshing === null) return 'whether an instance refresh runs could not be found out';
  return facts.isDeploying === null ? 'whether a deployment runs could not be found out' : null;
}
