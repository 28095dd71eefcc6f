/** Suppressions that matched nothing: old ones that should go, or new ones with a mistake in them. */
import type { FinishedPart } from './collect/finish-partition.js';
import type { Settings } from './collect/settings.js';
import type { GateResult } from './decide/gates.js';
import { addUp } from './head.js';

export interface StaleVerdict {
  readonly warnings: readonly string[];
  readonly gates: readonly GateResult[];
}

/** Warns or fails as the policy says; VEX documents speak of more than one run sees and are left alone. */
export function staleSuppressions({ policy }: Settings, finished: readonly FinishedPart[]): StaleVerdict {
  const hits = addUp(finished.map((part) => part.hits));
  const stale = policy.suppress.filter((_, i) => (hits[i] ?? 0) === 0).map(({ id }) => id);
  if (stale.length === 0 || policy.limits.staleSuppression === 'ignore') return { warnings: [], gates: [] };
  const text = `suppressions that match nothing: ${stale.join(', ')}`;
  return {
    warnings: [text],
    gates:
      policy.limits.staleSuppression === 'fail'
        ? [{ name: 'stale-suppressions', passed: false, count: stale.length, max: 0 }]
        : [],
  };
}
