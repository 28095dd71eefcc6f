/** `roc provision recover`: the way out of each state that a failed operation leaves a stack in. */
import { RocError } from '../kernel/errors.js';
import { failed } from './apply.js';
import {
  continueRollback,
  deleteStack,
  describeStack,
  listResources,
  protectStack,
  type StackFacts,
  type StackResource,
} from './aws/stacks.js';
import { decideRecovery, type Recovery } from './decide/recovery.js';
import { endedWell, stackState } from './decide/stack-state.js';
import type { Engine } from './engine.js';
import { followOperation } from './follow.js';

export interface RecoverRequest {
  readonly stackName: string;
  readonly env: string;
  /** Resources to leave as they are when a rollback is continued. */
  readonly skip: readonly string[];
  /** Resources with data that stay outside when the stack is deleted. */
  readonly leave: readonly string[];
  /** Asked before anything is done; throws where the answer is no. */
  readonly confirm: (recovery: Recovery) => Promise<void>;
}

export interface RecoverResult {
  readonly stackName: string;
  readonly did: Recovery['kind'];
  /** Null where the stack is gone. */
  readonly status: string | null;
  /** What outlived the stack. */
  readonly kept: readonly StackResource[];
}

/** What would be done, without doing it. */
export async function planRecovery(
  engine: Engine,
  request: Pick<RecoverRequest, 'stackName' | 'env' | 'skip' | 'leave'>,
): Promise<{ stack: StackFacts | null; resources: readonly StackResource[]; recovery: Recovery }> {
  const stack = await describeStack(engine.access, request.stackName, engine.signal);
  requireOwned(stack, request);
  const needsList = stack !== null && ['dead', 'stuck'].includes(stackState(stack.status).readiness);
  const resources = needsList ? await listResources(engine.access, stack.id) : [];
  return { stack, resources, recovery: decideRecovery(stack?.status ?? null, resources, request) };
}

/** @throws RocError ROC_REFUSED where it would delete data that nobody has named with `leave` */
export async function recover(engine: Engine, request: RecoverRequest): Promise<RecoverResult> {
  const { stack, resources, recovery } = await planRecovery(engine, request);
  const { stackName } = request;
  if (recovery.kind === 'refuse') throw new RocError('ROC_REFUSED', recovery.says, { hint: recovery.next });
  const nothing = { stackName, did: recovery.kind, status: stack?.status ?? null, kept: [] };
  if (stack === null || recovery.kind === 'none') return nothing;
  if (recovery.kind === 'attach') {
    const { status } = await followOperation(engine, stack.id, null);
    return { ...nothing, status };
  }
  await request.confirm(recovery);
  if (recovery.kind === 'continue') return { ...nothing, status: await rollOn(engine, stack, recovery.skip) };
  if (recovery.kind !== 'delete') return nothing;
  await remove(engine, stack, recovery.retain);
  return { ...nothing, status: null, kept: keptOf(resources, recovery.retain) };
}

function requireOwned(
  stack: StackFacts | null,
  { stackName, env }: { stackName: string; env: string },
): void {
  const owner = stack?.tags['roc:env'];
  // A shell has no tags of its own yet; a plan made it and it holds nothing.
  if (stack === null || stack.status === 'REVIEW_IN_PROGRESS' || owner === env) return;
  throw new RocError('ROC_REFUSED', `the stack ${stackName} was not made by roc for the environment ${env}`, {
    hint: 'Look at it in the AWS console; roc does not touch what it did not make.',
  });
}

async function rollOn(engine: Engine, stack: StackFacts, skip: readonly string[]): Promise<string> {
  const token = engine.token();
  await continueRollback(engine.access, stack.id, { token, skip });
  const end = await followOperation(engine, stack.id, token);
  if (end.status !== 'UPDATE_ROLLBACK_COMPLETE') throw failed(stack.name, end);
  return end.status;
}

/** Deletes a stack that is of no use any more; a second try leaves out what AWS could not delete and `retain` names. */
async function remove(engine: Engine, stack: StackFacts, retain: readonly string[]): Promise<void> {
  if (stack.isProtected) await protectStack(engine.access, stack.id, false);
  const isFailed = stack.status === 'DELETE_FAILED';
  const first = await deleted(engine, stack.id, isFailed ? retain : []);
  if (endedWell(first.status)) return;
  const again = first.status === 'DELETE_FAILED' && retain.length > 0 && !isFailed;
  const second = again ? await deleted(engine, stack.id, retain) : first;
  if (!endedWell(second.status)) throw failed(stack.name, second);
}

async function deleted(engine: Engine, stackId: string, retain: readonly string[]) {
  const token = engine.token();
  await deleteStack(engine.access, stackId, { token, retain });
  return followOperation(engine, stackId, token);
}

function keptOf(resources: readonly StackResource[], retain: readonly string[]): StackResource[] {
  return resources.filter(
    ({ logicalId, status, physicalId }) =>
      physicalId !== null && (status === 'DELETE_SKIPPED' || retain.includes(logicalId)),
  );
}
