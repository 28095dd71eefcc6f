/** Policies and baselines on the demand that was: what each would have cost, and what no policy could have done better. */
import { RocError } from '../../kernel/errors.js';
import { isoTime } from '../../kernel/time.js';
import { baselineOf } from './baselines/names.js';
import type { ControllerSpec } from './fleet/controller.js';
import { type Faults, NO_FAULTS } from './fleet/faults.js';
import { type FleetModel, toWorkload, type Workload } from './fleet/model.js';
import { type Run, runPolicy, type Trace } from './fleet/run.js';
import { runOracle } from './oracle.js';
import { type Score, scoreOf } from './score.js';
import type { Series, SeriesFacts } from './series/series.js';
import { type Means, meansOf } from './tune/sweep.js';

export interface SimulationRequest {
  readonly series: readonly Series[];
  readonly policies: readonly ControllerSpec[];
  /** Names of baselines, as {@link baselineOf} reads them; `oracle` is always there and may be named. */
  readonly against: readonly string[];
  readonly fleet: FleetModel;
  /** What one instance carries at 100 %, in the unit of the series. */
  readonly capacity: number | undefined;
  readonly faults?: Faults;
}

export interface Simulation {
  readonly fleet: FleetModel;
  readonly faults: Faults;
  readonly series: readonly SimulatedSeries[];
  /** Every series weighs the same. */
  readonly means: readonly (Means & { readonly policy: string })[];
}

export interface SimulatedSeries {
  readonly name: string;
  readonly from: string;
  readonly minutes: number;
  /** What one instance carries at 100 %, in the unit of the series. */
  readonly capacityPerInstance: number;
  readonly facts: SeriesFacts;
  /** What the source could not tell whole. */
  readonly notes: readonly string[];
  readonly results: readonly Score[];
  readonly oracle: Score;
  readonly verdicts: readonly Verdict[];
}

/** How the first policy does beside a baseline on one series. */
export interface Verdict {
  readonly against: string;
  /** `loses`: not better in violations nor hours, and worse in one; `trades`: better in one, worse in the other. */
  readonly verdict: 'wins' | 'loses' | 'trades' | 'equal';
}

/** What a picture is drawn from; kept beside the result because it is large. */
export interface Pictured {
  readonly workload: Workload;
  readonly oracle: Trace;
  readonly traces: readonly { readonly policy: string; readonly trace: Trace }[];
}

/** @throws RocError ROC_USAGE for an unknown baseline, ROC_INVALID_INPUT for a series without demand */
export function simulate(request: SimulationRequest): {
  readonly simulation: Simulation;
  readonly pictures: readonly Pictured[];
} {
  const { fleet } = request;
  const faults = request.faults ?? NO_FAULTS;
  const baselines = request.against
    .filter((name) => name !== 'oracle')
    .map((name) => baselineOf(name, fleet));
  const specs = [...request.policies, ...baselines];
  refuseSharedNames(['oracle', ...specs.map(({ name }) => name)]);
  const pictures: Pictured[] = [];
  const series = request.series.map((one) => {
    const workload = toWorkload(one, fleet, request.capacity);
    // The oracle meets no faults: it is what was possible, not what a broken day left of it.
    const oracle = runOracle(workload, fleet);
    const runs = specs.map((spec) => runPolicy(workload, spec, fleet, faults));
    pictures.push({
      workload,
      oracle: oracle.trace,
      traces: runs.map(({ policy, trace }) => ({ policy, trace })),
    });
    return simulatedSeries(one, workload, oracle, runs, request);
  });
  const means = specs.map(({ name }, i) => ({
    policy: name,
    ...meansOf(series.flatMap(({ results }) => results[i] ?? [])),
  }));
  const oracleMeans = { policy: 'oracle', ...meansOf(series.map(({ oracle }) => oracle)) };
  return { simulation: { fleet, faults, series, means: [...means, oracleMeans] }, pictures };
}

function refuseSharedNames(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new RocError('ROC_USAGE', `two contenders are named ${twice}`, {
    hint: 'A policy is named by its file; give it a name that no baseline has.',
  });
}

function simulatedSeries(
  { facts, notes = [] }: Series,
  workload: Workload,
  oracle: Run,
  runs: readonly Run[],
  { fleet, policies }: SimulationRequest,
): SimulatedSeries {
  const results = runs.map((run) => scoreOf(run, oracle, fleet));
  const [ours] = policies.length === 0 ? [] : results;
  return {
    name: workload.name,
    from: isoTime(workload.startMs),
    minutes: workload.demand.length,
    capacityPerInstance: workload.capacity,
    facts,
    notes,
    results,
    oracle: scoreOf(oracle, oracle, fleet),
    verdicts: ours === undefined ? [] : results.slice(policies.length).map((other) => verdictOf(ours, other)),
  };
}

/** Differences below these are noise of a minute here and there. */
const SAME_PCT = 0.005;
const SAME_HOURS = 0.05;

function verdictOf(ours: Score, other: Score): Verdict {
  const violations = sign(ours.violationsPct - other.violationsPct, SAME_PCT);
  const hours = sign(ours.instanceHoursPerDay - other.instanceHoursPerDay, SAME_HOURS);
  const verdict =
    violations === 0 && hours === 0
      ? 'equal'
      : violations * hours < 0
        ? 'trades'
        : violations + hours < 0
          ? 'wins'
          : 'loses';
  return { against: other.policy, verdict };
}

function sign(difference: number, same: number): number {
  return Math.abs(difference) <= same ? 0 : Math.sign(difference);
}
