/** One severity where sources differ: the preferred source's, else the worst. */
import type { Observation, Tool } from '../model.js';
import { severityRank } from '../severity.js';

/** @param prefer tools whose word counts before all others', first the most trusted */
export function joinedSeverity(
  from: readonly Observation[],
  prefer: readonly Tool[],
): Pick<Observation, 'severity' | 'severitySource'> {
  for (const tool of prefer) {
    const said = from.filter((o) => o.tool === tool && o.severity !== 'unknown');
    if (said.length > 0) return worst(said);
  }
  return worst(from);
}

function worst(from: readonly Observation[]): Pick<Observation, 'severity' | 'severitySource'> {
  const one = from.reduce((a, b) => (severityRank(b.severity) > severityRank(a.severity) ? b : a));
  return { severity: one.severity, severitySource: one.severitySource };
}
