/** Takes what the adapters tell, keys it and spools it; keeps counts and the few facts that reach across findings. */
import type { DropReason } from '../adapters/adapter.js';
import { coverageName } from '../coverage.js';
import type { Evidence } from '../decide/facts.js';
import type { RecordSink } from '../intake/read-batch.js';
import { keysOf } from '../keys.js';
import type { Coverage, Observation, Problem, ProblemKind } from '../model.js';
import type { ScratchFiles } from '../scratch-files.js';
import { createEvidence } from './evidence.js';
import { createLinkLog, type LinkPart } from './links.js';
import { createPacker } from './pack.js';
import { createSpool, partitionOf, type SpoolPart } from './spool.js';

/** Problems beyond this many are counted but not kept. */
const KEPT_PROBLEMS = 1000;

export interface IntakeCounts {
  records: number;
  observations: number;
  drops: Record<DropReason, number>;
  problems: Partial<Record<ProblemKind, number>>;
  skipped: number;
}

/** All that one intake thread found; plain data, so that it can cross threads. */
export interface Intake {
  readonly counts: IntakeCounts;
  readonly problems: readonly Problem[];
  readonly coverage: readonly Coverage[];
  readonly evidence: Evidence;
  readonly parts: readonly SpoolPart[];
  readonly links: readonly LinkPart[];
}

export interface Collector extends RecordSink {
  finish(): Intake;
}

export function createCollector(options: { scratch: ScratchFiles; memoryBytes: number }): Collector {
  const spool = createSpool(options);
  const packer = createPacker();
  const links = createLinkLog(options.scratch);
  const counts: IntakeCounts = {
    records: 0,
    observations: 0,
    drops: { passed: 0, sample: 0, archived: 0, 'not-applicable': 0, ignored: 0 },
    problems: {},
    skipped: 0,
  };
  const problems: Problem[] = [];
  const coverage = new Map<string, Coverage>();
  const evidence = createEvidence();

  function observation(o: Observation): void {
    const { key, trackKey } = keysOf(o);
    counts.observations++;
    packer.pack(o);
    spool.add(partitionOf(trackKey), key, packer);
    links.note(o, key);
    if (o.alsoIn !== undefined)
      links.noteAliases(
        o,
        key,
        o.alsoIn.map((further) => keysOf({ ...o, package: further }).key),
      );
    evidence.note(o);
  }

  return {
    observation,
    record() {
      counts.records++;
    },
    coverage(entry) {
      const name = coverageName(entry);
      const known = coverage.get(name);
      if (known === undefined || known.verdict === 'missing') coverage.set(name, entry);
    },
    drop(reason) {
      counts.drops[reason]++;
    },
    problem(problem) {
      counts.problems[problem.kind] = (counts.problems[problem.kind] ?? 0) + 1;
      if (problem.skipped) counts.skipped++;
      if (problems.length < KEPT_PROBLEMS) problems.push(problem);
    },
    finish: () => ({
      counts,
      problems,
      coverage: [...coverage.values()],
      evidence: { exposure: evidence.exposure, threats: evidence.threats },
      parts: spool.finish(),
      links: links.finish(),
    }),
  };
}
