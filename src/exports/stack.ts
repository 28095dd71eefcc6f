/** `import … from 'roc/stack'`: the AWS stack planned, applied and checked, as `roc provision` does it. */
export type { StackOutputs } from '../kernel/stack-outputs.js';
export type { Change, PropertyChange, Recreation } from '../stack/change.js';
export { openStack, type Stack, type StackOptions } from '../stack/library.js';
export type { Plan } from '../stack/plan-model.js';
export type { ProvisionEvent } from '../stack/provision-event.js';
