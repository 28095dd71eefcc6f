/** What several intake threads found, as one; sorted, so that which thread was faster does not show. */

import { coverageName } from '../coverage.js';
import type { Evidence } from '../decide/facts.js';
import type { Coverage, Problem } from '../model.js';
import type { Intake, IntakeCounts } from './collector.js';
import { joinEvidence } from './evidence.js';
import type { LinkPart } from './links.js';
import { compareText } from './merge.js';
import type { SpoolPart } from './spool.js';

export interface JoinedIntake {
  readonly counts: IntakeCounts;
  readonly problems: readonly Problem[];
  readonly coverage: readonly Coverage[];
  readonly evidence: Evidence;
  readonly parts: readonly SpoolPart[];
  readonly links: readonly LinkPart[];
}

/**
 * @param slicing problems found before a reader saw the bytes
 * @param gaps live sources that could not be read
 */
export function joinIntakes(
  intakes: readonly Intake[],
  slicing: readonly Problem[],
  gaps: readonly Coverage[] = [],
): JoinedIntake {
  const counts: IntakeCounts = {
    records: 0,
    observations: 0,
    drops: { passed: 0, sample: 0, archived: 0, 'not-applicable': 0, ignored: 0 },
    problems: {},
    skipped: 0,
  };
  for (const intake of intakes) addCounts(counts, intake.counts);
  for (const problem of slicing) {
    counts.problems[problem.kind] = (counts.problems[problem.kind] ?? 0) + 1;
    if (problem.skipped) counts.skipped++;
  }
  return {
    counts,
    problems: [...slicing, ...intakes.flatMap((intake) => intake.problems)].sort(
      (a, b) => compareText(a.file, b.file) || a.offset - b.offset || compareText(a.kind, b.kind),
    ),
    coverage: joinCoverage([...gaps, ...intakes.flatMap((intake) => intake.coverage)]),
    evidence: joinEvidence(intakes.map((intake) => intake.evidence)),
    parts: intakes.flatMap((intake) => intake.parts),
    links: intakes.flatMap((intake) => intake.links),
  };
}

function addCounts(total: IntakeCounts, counts: IntakeCounts): void {
  total.records += counts.records;
  total.observations += counts.observations;
  total.skipped += counts.skipped;
  for (const reason of Object.keys(counts.drops) as (keyof IntakeCounts['drops'])[])
    total.drops[reason] += counts.drops[reason];
  for (const kind of Object.keys(counts.problems) as (keyof IntakeCounts['problems'])[])
    total.problems[kind] = (total.problems[kind] ?? 0) + (counts.problems[kind] ?? 0);
}

function joinCoverage(all: readonly Coverage[]): readonly Coverage[] {
  const byName = new Map<string, Coverage>();
  for (const entry of all) {
    const name = coverageName(entry);
    const known = byName.get(name);
    if (known === undefined || (known.verdict === 'missing' && entry.verdict === 'scanned'))
      byName.set(name, entry);
  }
  return [...byName.values()].sort(
    (a, b) =>
      compareText(a.tool, b.tool) || compareText(a.id, b.id) || compareText(coverageName(a), coverageName(b)),
  );
}
