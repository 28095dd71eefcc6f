/** A decision in words. */
import type { Explanation, Figures } from './decision.js';
import type { Case, Rail } from './rails/rail.js';

export function explainRails(
  rails: readonly Rail[],
  proposals: readonly number[],
  about: Case | null,
  figures: Figures,
): Explanation {
  if (about === null) return { reasons: [], rails: [], data: [], figures };
  const notes = rails.map((rail, index) => {
    const before = proposals[index] ?? 0;
    const after = proposals[index + 1] ?? 0;
    return { id: rail.id, applied: before !== after, why: rail.why(about, before, after) };
  });
  return {
    reasons: [
      `demand needs ${figures.need ?? 'an unknown number of'} now and ${figures.windowNeed ?? 'an unknown number'} over the window; ${about.current} are asked for`,
      ...notes.flatMap(({ id, applied, why }) => (applied ? [`${id}: ${why}`] : [])),
    ],
    rails: notes,
    data: [],
    figures,
  };
}
