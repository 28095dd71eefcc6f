/** `roc provision events`: the last operation of the stack, told from its beginning; followed where it still runs. */
import { isRocError, RocError } from '../kernel/errors.js';
import { describeStack } from './aws/stacks.js';
import type { RootCause } from './decide/root-cause.js';
import { endedWell, stackState } from './decide/stack-state.js';
import type { Engine } from './engine.js';
import { followOperation, tellSoFar } from './follow.js';

export interface ToldOperation {
  readonly stackName: string;
  readonly status: string;
  readonly isRunning: boolean;
  readonly hasFailed: boolean;
  readonly cause: RootCause | null;
}

/** Ctrl-C while following is a clean end: nothing was ours to finish. */
export async function tellOperation(
  engine: Engine,
  stackName: string,
  follow: boolean,
): Promise<ToldOperation> {
  const stack = await describeStack(engine.access, stackName, engine.signal);
  if (stack === null)
    throw new RocError('ROC_NOT_FOUND', `the stack ${stackName} does not exist`, {
      hint: stackState(null).next,
    });
  try {
    const end = follow
      ? await followOperation(engine, stack.id, null)
      : await tellSoFar(engine, stack.id, stack.status);
    const isRunning = stackState(end.status).readiness === 'busy';
    const hasFailed = !isRunning && !endedWell(end.status) && end.status !== 'REVIEW_IN_PROGRESS';
    return { stackName, status: end.status, isRunning, hasFailed, cause: end.cause };
  } catch (error) {
    if (!isRocError(error) || error.code !== 'ROC_RESUMABLE' || !engine.signal?.aborted) throw error;
    return { stackName, status: stack.status, isRunning: true, hasFailed: false, cause: null };
  }
}
