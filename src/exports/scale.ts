/** `import … from 'roc/scale'`: the decision of `roc scale`, pure, and the simulator that proves a policy. */
import { parseWith } from '../kernel/config.js';
import { scalePolicySchema } from '../scale/model.js';
import type { ScalePolicy } from '../scale/policy/policy.js';

/**
 * A policy from plain data, such as a YAML file once parsed.
 * @throws RocError ROC_POLICY_INVALID
 */
export function readScalePolicy(value: unknown): ScalePolicy {
  return parseWith(scalePolicySchema, value, {
    what: 'policy',
    file: 'the scaling policy',
    code: 'ROC_POLICY_INVALID',
  });
}

export { RocError } from '../kernel/errors.js';
export {
  type Controller,
  type ControllerOptions,
  createController,
} from '../scale/decide/controller.js';
export { decide } from '../scale/decide/decide.js';
export type { DataNote, Decision, Explanation, Figures, RailNote } from '../scale/decide/decision.js';
export type {
  Facts,
  Group,
  InstanceFact,
  Metrics,
  Sample,
  Series,
  Snapshot,
} from '../scale/decide/snapshot.js';
export { emptyState, type ScaleState } from '../scale/decide/state.js';
export type { ScalePolicy } from '../scale/policy/policy.js';
export { baselineOf } from '../scale/simulate/baselines/names.js';
export type { ControllerSpec } from '../scale/simulate/fleet/controller.js';
export { type Faults, NO_FAULTS } from '../scale/simulate/fleet/faults.js';
export { FLEETS, type FleetModel, type Prices, type Workload } from '../scale/simulate/fleet/model.js';
export type { Trace } from '../scale/simulate/fleet/run.js';
export { rocPolicy } from '../scale/simulate/roc-policy.js';
export type { Score } from '../scale/simulate/score.js';
export { type CsvOptions, type Points, readCsv } from '../scale/simulate/series/csv.js';
export {
  type Series as DemandSeries,
  type SeriesFacts,
  type SeriesOptions,
  toSeries,
} from '../scale/simulate/series/series.js';
export {
  type Pictured,
  type SimulatedSeries,
  type Simulation,
  type SimulationRequest,
  simulate,
  type Verdict,
} from '../scale/simulate/simulate.js';
