/** Bare `roc provision`: plan, show, ask, apply; joins what runs, and mends first what a failure left. */
import type { StackOutputs } from '../kernel/stack-outputs.js';
import { requireAccepted } from './accept.js';
import { type ApplyResult, applyPlan, failed, protectAsDeployed, requireAllowed } from './apply.js';
import { describeStack } from './aws/stacks.js';
import type { Recovery } from './decide/recovery.js';
import { endedWell } from './decide/stack-state.js';
import type { Engine } from './engine.js';
import { followOperation, step } from './follow.js';
import { readOutputs } from './outputs.js';
import { discardPlan, makePlan, type PlanRequest } from './plan.js';
import type { SavedPlan } from './plan-file.js';
import type { Plan } from './plan-model.js';
import { planRecovery, recover } from './recover.js';

export interface DeployRequest {
  readonly plan: PlanRequest;
  readonly allowReplace: readonly string[];
  /** Open findings of high severity that are applied all the same. */
  readonly accept?: readonly string[];
  /** Shows it; called with what would change nothing, too. */
  readonly show: (plan: Plan) => void | Promise<void>;
  /** Asks; throws where the answer is no. */
  readonly confirm: (question: string) => Promise<void>;
}

export type DeployResult =
  | ApplyResult
  | (Omit<ApplyResult, 'how'> & { readonly how: 'unchanged'; readonly outputs: StackOutputs });

export async function deploy(engine: Engine, request: DeployRequest): Promise<DeployResult> {
  const { blueprint } = request.plan;
  await makeReady(engine, request);
  const plan = await makePlan(engine, request.plan);
  try {
    await request.show(plan);
    if (!isPending(plan)) return await unchanged(engine, blueprint.stackName);
    requireAllowed(plan, plan.changes, request.allowReplace);
    requireAccepted(plan, request.accept);
    await request.confirm(question(plan));
  } catch (error) {
    await discardPlan(engine, plan);
    throw error;
  }
  return applyPlan(engine, { plan, allowReplace: request.allowReplace, accept: request.accept ?? [] });
}

function isPending(plan: Plan): plan is SavedPlan {
  return plan.pending !== null;
}

/** What was killed between a deployment and its protections is made good here. */
async function unchanged(engine: Engine, stackName: string): Promise<DeployResult> {
  const stack = await describeStack(engine.access, stackName, engine.signal);
  const isOpen = stack !== null && !stack.isProtected;
  return {
    stackName,
    stackId: stack?.id ?? '',
    status: stack?.status ?? '',
    how: 'unchanged',
    outputs: await readOutputs(engine, stackName),
    warnings: isOpen ? await protectAsDeployed(engine, stack.id) : [],
  };
}

function question({ action, stackName, account, region, changes }: Plan): string {
  const verb = action === 'create' ? 'Create' : 'Update';
  return `${verb} ${stackName} in account ${account}, ${region} (${changes.length} changes)?`;
}

/** What runs is waited for; what failed is mended, after a question. */
async function makeReady(engine: Engine, request: DeployRequest): Promise<void> {
  const { stackName, env } = request.plan.blueprint;
  const wishes = { stackName, env, skip: [], leave: [] };
  const { stack, recovery } = await planRecovery(engine, wishes);
  if (stack === null || stack.status === 'REVIEW_IN_PROGRESS') return;
  if (recovery.kind === 'attach') {
    engine.onEvent(step(engine, `${recovery.says}; joining`));
    const end = await followOperation(engine, stack.id, null);
    if (!endedWell(end.status)) throw failed(stackName, end);
    return;
  }
  if (recovery.kind === 'none') return;
  await recover(engine, { ...wishes, confirm: (found) => request.confirm(recoveryQuestion(found)) });
}

/** The way out, as a question. */
export function recoveryQuestion({ says }: Recovery): string {
  return `${says.charAt(0).toUpperCase()}${says.slice(1)}. Go on?`;
}
