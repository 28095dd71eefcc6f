/** Did this run look where a known finding was? Only then does its absence mean that it is fixed. */

import type { Scope } from '../collect/settings.js';
import { identityOf } from '../keys.js';
import type { Merged } from '../model.js';
import { compileMatch } from './match.js';

export type ScopeTest = (known: Merged) => 'covered' | 'delta' | 'unasked';

/** `delta`: a live listing of changes only, in which silence means "as before". */
export function compileScope(scope: Scope): ScopeTest {
  const rules = scope.declared === null || scope.declared === 'all' ? [] : scope.declared.map(compileMatch);
  const targets = new Set(scope.targets);
  return (known) => {
    if (scope.declared === 'all' || rules.some((fits) => fits(known))) return 'covered';
    if (known.sources.some((source) => targets.has(`${source.tool}\n${identityOf(known.resource)}`)))
      return 'covered';
    const listing = scope.listings.find(
      ({ tool, region, accounts }) =>
        known.sources.some((source) => source.tool === tool) &&
        known.resource.region === region &&
        known.resource.account !== undefined &&
        accounts.includes(known.resource.account),
    );
    if (listing === undefined) return 'unasked';
    return listing.delta ? 'delta' : 'covered';
  };
}
