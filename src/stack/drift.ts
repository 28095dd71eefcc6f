/** `roc provision drift`: what has been changed in the account behind the stack's back. */
import { RocError } from '../kernel/errors.js';
import { driftDetection, resourceDrifts, startDriftDetection } from './aws/drift.js';
import { describeStack, listResources } from './aws/stacks.js';
import { type DriftedResource, judgeDrift } from './decide/drift.js';
import { stackState } from './decide/stack-state.js';
import { type Engine, pace } from './engine.js';

export interface DriftReport {
  readonly stackName: string;
  readonly hasDrifted: boolean;
  readonly resources: readonly DriftedResource[];
}

export async function findDrift(engine: Engine, stackName: string): Promise<DriftReport> {
  const stack = await describeStack(engine.access, stackName, engine.signal);
  const { readiness, says, next } = stackState(stack?.status ?? null);
  if (stack === null || readiness !== 'ready')
    throw new RocError('ROC_REFUSED', `the stack ${stackName} ${says}, so its drift cannot be told`, {
      hint: next,
    });
  await detected(engine, await startDriftDetection(engine.access, stack.id));
  const [drifts, resources] = await Promise.all([
    resourceDrifts(engine.access, stack.id),
    listResources(engine.access, stack.id),
  ]);
  const judged = judgeDrift(drifts, resources);
  const hasDrifted = judged.some(({ verdict }) => verdict === 'drifted' || verdict === 'deleted');
  return { stackName, hasDrifted, resources: judged };
}

async function detected(engine: Engine, id: string): Promise<void> {
  const pause = pace(500, 5000);
  for (;;) {
    const { status, reason } = await driftDetection(engine.access, id);
    if (status === 'DETECTION_COMPLETE') return;
    // A part of the resources could not be read; what could is told, the rest is unknown.
    if (status === 'DETECTION_FAILED') {
      engine.onEvent({
        event: 'step',
        at: new Date(engine.clock()).toISOString(),
        text: `AWS could not look at everything: ${reason ?? 'no reason given'}`,
      });
      return;
    }
    await engine.wait(pause.next());
  }
}
