/** `import … from 'roc/scale'`: the decision of `roc scale`, pure, for those who gather facts of their own. */
import { parseWith } from '../kernel/config.js';
import { scalePolicySchema } from '../scale/model.js';
import type { ScalePolicy } from '../scale/policy.js';

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
export type { ScalePolicy } from '../scale/policy.js';
