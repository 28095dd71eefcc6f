/** Did this run look where a known finding was? Only then does its absence mean that it is fixed. */

import type { Scope } from '../collect/settings.js';
import { isTarget } from '../coverage.js';
import type { Merged } from '../model.js';
import { compileMatch } from './match.js';

export type ScopeTest = (known: readonly Merged[]) => 'covered' | 'delta' | 'unasked';

/** `delta`: a live listing of changes only, in which silence means "as before". */
export function compileScope(scope: Scope): ScopeTest {
  const rules = scope.declared === null || scope.declared === 'all' ? [] : scope.declared.map(compileMatch);
  const targets = new Set(scope.targets);
  return (rows) => {
    if (scope.declared === 'all' || rows.every((row) => rules.some((fits) => fits(row)))) return 'covered';
    if (rows.every((row) => isTarget(row, targets))) return 'covered';
    const verdicts = rows.map((row) => listingOf(row, scope.listings)?.delta);
    if (verdicts.includes(undefined)) return 'unasked';
    return verdicts.includes(true) ? 'delta' : 'covered';
  };
}

function listingOf(
  { sources, resource }: Merged,
  listings: Scope['listings'],
): Scope['listings'][number] | undefined {
  return listings.find(
    ({ tool, region, accounts }) =>
      sources.some((source) => source.tool === tool) &&
      resource.region === region &&
      resource.account !== undefined &&
      accounts.includes(resource.account),
  );
}
