/** `roc provision import`: takes existing resources into the stack, changing nothing of them. */
import { RocError } from '../kernel/errors.js';
import { type ApplyResult, applyPlan } from './apply.js';
import { deployedTemplate, describeStack } from './aws/stacks.js';
import { type ImportWish, importPlan } from './decide/import-template.js';
import { stackState } from './decide/stack-state.js';
import type { Engine } from './engine.js';
import { discardPlan, makePlan, type PlanRequest } from './plan.js';
import type { SavedPlan } from './plan-file.js';
import type { Plan } from './plan-model.js';
import { type SetupOptions, setUpStack } from './setup.js';
import type { Template } from './template.js';
import type { Terminal } from './terminal.js';
import { narrator } from './text/narrate.js';
import { planLines } from './text/plan-lines.js';

export interface ImportOptions extends Omit<SetupOptions, 'onEvent'> {
  readonly wishes: readonly ImportWish[];
  readonly terminal: Terminal;
}

export async function runImport(options: ImportOptions): Promise<ApplyResult> {
  const { terminal, wishes } = options;
  const progress = terminal.progress(() => narrator(wishes.length));
  const room = setUpStack({ ...options, onEvent: (event) => progress.onEvent(event) });
  const request = await room.planRequest({
    allow: (bucket) => terminal.confirm(`The template is large: make the private bucket ${bucket} for it?`),
  });
  const show = (plan: Plan) => {
    for (const line of planLines(plan)) terminal.line(line);
  };
  const confirm = () =>
    terminal.confirm(`Take ${wishes.length} into ${room.stackName}? They stay as they are.`);
  return importResources(room.engine, { request, wishes, show, confirm }).finally(() => progress.done());
}

/** @throws RocError ROC_INVALID_INPUT with everything that stands in the way */
export async function importResources(
  engine: Engine,
  options: {
    readonly request: PlanRequest;
    readonly wishes: readonly ImportWish[];
    readonly show: (plan: Plan) => void;
    readonly confirm: () => Promise<void>;
  },
): Promise<ApplyResult> {
  const { request, wishes, show, confirm } = options;
  const { blueprint } = request;
  const stack = await describeStack(engine.access, blueprint.stackName, engine.signal);
  const isThere = stack !== null && stackState(stack.status).readiness === 'ready';
  const body = isThere ? await deployedTemplate(engine.access, stack.id) : null;
  const found = importPlan(wishes, blueprint.template, body === null ? null : (JSON.parse(body) as Template));
  if ('faults' in found)
    throw new RocError('ROC_INVALID_INPUT', found.faults.join('; '), {
      hint: '`roc provision template` shows the logical ids; nothing was changed.',
    });
  const { imports, template } = found;
  const plan = await makePlan(engine, { ...request, imports, blueprint: { ...blueprint, template } });
  try {
    show(plan);
    await confirm();
  } catch (error) {
    await discardPlan(engine, plan);
    throw error;
  }
  return applyPlan(engine, { plan: plan as SavedPlan, allowReplace: [] });
}
