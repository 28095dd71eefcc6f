/** A family on many workloads at every target: each run's score and their means, every workload weighing the same. */
import type { Faults } from '../fleet/faults.js';
import type { FleetModel, Workload } from '../fleet/model.js';
import { type Run, runPolicy } from '../fleet/run.js';
import { runOracle } from '../oracle.js';
import { type Score, scoreOf } from '../score.js';
import { type Family, TARGETS } from './families.js';

/** A workload and what a clairvoyant makes of it. */
export interface Course {
  readonly workload: Workload;
  readonly oracle: Run;
}

export interface SweptPoint extends Means {
  readonly target: number;
  /** In the order of the courses. */
  readonly scores: readonly Score[];
}

export interface Means {
  readonly violationsPct: number;
  readonly avoidablePct: number;
  readonly instanceHoursPerDay: number;
  readonly actionsPerDay: number;
  readonly flapsPerDay: number;
  readonly costUsdPerDay: number;
}

export function toCourse(workload: Workload, model: FleetModel): Course {
  return { workload, oracle: runOracle(workload, model) };
}

export function sweep(
  family: Family,
  courses: readonly Course[],
  model: FleetModel,
  options: { readonly targets?: readonly number[]; readonly faults?: Faults } = {},
): SweptPoint[] {
  return (options.targets ?? TARGETS).map((target) => {
    const spec = family.at(target);
    const scores = courses.map(({ workload, oracle }) =>
      scoreOf(runPolicy(workload, spec, model, options.faults), oracle, model),
    );
    return { target, scores, ...meansOf(scores) };
  });
}

export function meansOf(scores: readonly Score[]): Means {
  const mean = (of: (score: Score) => number) =>
    scores.reduce((sum, score) => sum + of(score), 0) / Math.max(1, scores.length);
  return {
    violationsPct: mean((score) => score.violationsPct),
    avoidablePct: mean((score) => score.avoidablePct),
    instanceHoursPerDay: mean((score) => score.instanceHoursPerDay),
    actionsPerDay: mean((score) => score.actionsPerDay),
    flapsPerDay: mean((score) => score.flapsPerDay),
    costUsdPerDay: mean((score) => score.costUsdPerDay),
  };
}
