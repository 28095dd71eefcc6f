/** `import … from 'roc/status'`: how an installation is, as `roc status` says it. */
export { RocError } from '../kernel/errors.js';
export type { StackOutputs } from '../kernel/stack-outputs.js';
export type { DatabaseAdvice } from '../scale/database/advice.js';
export {
  createStatus,
  type StatusLook,
  type StatusOptions,
  type StatusWatch,
} from '../scale/status/library.js';
export {
  type Component,
  isWell,
  type Part,
  type Reason,
  type Status,
  type StatusMetric,
  type Unit,
  type Verdict,
  worst,
} from '../scale/status/model.js';
