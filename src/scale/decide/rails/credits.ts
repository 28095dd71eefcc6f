/**
 * T instances that run out of CPU credits: in `standard` mode they do only their baseline, so more are needed; in
 * `unlimited` mode the work that a cut would move to them is paid for as surplus, so a cut saves next to nothing.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html
 */
import type { Case, Rail } from './rail.js';

export const creditsRail: Rail = {
  id: 'credits',
  apply(proposed, about) {
    const dry = dryOf(about);
    if (dry === 0) return proposed;
    if (about.snapshot.facts.burst?.mode === 'standard') return withBaseline(proposed, about);
    return Math.max(proposed, Math.min(about.current, withinBaseline(about)));
  },
  why(about, before, after) {
    const { burst } = about.snapshot.facts;
    if (about.policy.credits.mode === 'off') return 'switched off by credits.mode';
    if (burst === null) return 'instances earn no CPU credits';
    const dry = dryOf(about);
    if (dry === 0) return 'every instance whose credits are known has enough';
    const low = `${dry} with fewer than ${about.policy.credits.minBalance} CPU credits`;
    if (before === after) return low;
    return burst.mode === 'standard'
      ? `${low} do only ${Math.round(100 * burst.baseline)} %: ${after} for what ${before} would do`
      : `${low}: after a cut the rest would pay for surplus credits what the cut saves`;
  },
};

function dryOf({ policy, snapshot }: Case): number {
  if (policy.credits.mode === 'off' || snapshot.facts.burst === null) return 0;
  let dry = 0;
  for (const { state, creditBalance } of snapshot.group.instances)
    if (state === 'inService' && creditBalance !== null && creditBalance < policy.credits.minBalance) dry++;
  return dry;
}

// What is launched begins without credits, and so does only its baseline, too.
function withBaseline(proposed: number, about: Case): number {
  const baseline = about.snapshot.facts.burst?.baseline ?? 1;
  let full = 0;
  for (const { state, creditBalance } of about.snapshot.group.instances)
    if (state === 'inService' && (creditBalance === null || creditBalance >= about.policy.credits.minBalance))
      full++;
  return proposed <= full ? proposed : full + Math.ceil((proposed - full) / baseline - 1e-9);
}

// So many that each works no more than its baseline pays for.
function withinBaseline({ demand, current, snapshot }: Case): number {
  return demand === null ? current : Math.ceil(demand / (snapshot.facts.burst?.baseline ?? 1) - 1e-9);
}
