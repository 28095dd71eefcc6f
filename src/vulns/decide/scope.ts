/** Did this run look where a known finding was? Only then does its absence mean that it is fixed. */

import type { Scope } from '../collect/settings.js';
import { isGap, isTarget } from '../coverage.js';
import type { Merged } from '../model.js';
import { compileMatch } from './match.js';

export type ScopeTest = (known: readonly Merged[]) => 'covered' | 'delta' | 'unasked';

/** `delta`: a live listing of changes only, in which silence means "as before". */
export function compileScope(scope: Scope): ScopeTest {
  const rules = scope.declared === null || scope.declared === 'all' ? [] : scope.declared.map(compileMatch);
  const targets = new Set(scope.targets);
  const gaps = new Set(scope.gaps);
  // Whatever was declared: where nobody could look, silence tells nothing.
  const isHidden = (row: Merged): boolean =>
    scope.isPartial ||
    (isGap(row, gaps) && !isTarget(row, targets)) ||
    scope.blind.some(
      ({ tool, region }) =>
        row.resource.region === region && row.sources.some((source) => source.tool === tool),
    );
  const looked = (rows: readonly Merged[]): ReturnType<ScopeTest> => {
    if (scope.declared === 'all' || rows.every((row) => rules.some((fits) => fits(row)))) return 'covered';
    if (rows.every((row) => isTarget(row, targets))) return 'covered';
    const verdicts = rows.map((row) => listingOf(row, scope.listings)?.delta);
    if (verdicts.includes(undefined)) return 'unasked';
    return verdicts.includes(true) ? 'delta' : 'covered';
  };
  return (rows) => {
    const verdict = looked(rows);
    return verdict === 'covered' && rows.some(isHidden) ? 'unasked' : verdict;
  };
}

function listingOf(
  { sources, resource }: Merged,
  listings: Scope['listings'],
): Scope['listings'][number] | undefined {
  return listings.find(
    ({ tool, region, accounts, except }) =>
      sources.some((source) => source.tool === tool) &&
      resource.region === region &&
      resource.account !== undefined &&
      accounts.includes(resource.account) &&
      !except.some(({ account, type }) => account === resource.account && type === resource.type),
  );
}
