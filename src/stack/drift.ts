/** `roc provision drift`: what has been changed in the account behind the stack's back. */
import { RocError } from '../kernel/errors.js';
import { MINUTE } from '../kernel/time.js';
import { driftDetection, resourceDrifts, startDriftDetection } from './aws/drift.js';
import { describeStack, listResources } from './aws/stacks.js';
import { type DriftedResource, judgeDrift } from './decide/drift.js';
import { stackState } from './decide/stack-state.js';
import { type Engine, pace } from './engine.js';

export interface DriftReport {
  readonly stackName: string;
  readonly hasDrifted: boolean;
  /** Why AWS could not look at everything; null where it could. */
  readonly incomplete: string | null;
  readonly resources: readonly DriftedResource[];
}

export async function findDrift(engine: Engine, stackName: string): Promise<DriftReport> {
  const stack = await describeStack(engine.access, stackName, engine.signal);
  const { readiness, says, next } = stackState(stack?.status ?? null);
  if (stack === null || readiness !== 'ready')
    throw new RocError('ROC_REFUSED', `the stack ${stackName} ${says}, so its drift cannot be told`, {
      hint: next,
    });
  const incomplete = await detected(engine, await startDriftDetection(engine.access, stack.id));
  const [drifts, resources] = await Promise.all([
    resourceDrifts(engine.access, stack.id),
    listResources(engine.access, stack.id),
  ]);
  const judged = judgeDrift(drifts, resources);
  const hasDrifted = judged.some(({ verdict }) => verdict === 'drifted' || verdict === 'deleted');
  return { stackName, hasDrifted, incomplete, resources: judged };
}

/** @returns why a part of the resources could not be read; null where all were */
async function detected(engine: Engine, id: string): Promise<string | null> {
  const pause = pace(500, 5000);
  const until = engine.clock() + PATIENCE;
  while (engine.clock() < until) {
    const { status, reason } = await driftDetection(engine.access, id);
    if (status === 'DETECTION_COMPLETE') return null;
    // A part of the resources could not be read; what could is told, the rest is unknown.
    if (status === 'DETECTION_FAILED') {
      const text = `AWS could not look at everything: ${reason ?? 'no reason given'}`;
      engine.onEvent({ event: 'step', at: new Date(engine.clock()).toISOString(), text });
      return reason ?? 'no reason given';
    }
    await engine.wait(pause.next());
  }
  throw new RocError('ROC_TIMEOUT', `AWS has not compared the stack in ${PATIENCE / MINUTE} minutes`, {
    hint: 'Run it again later; nothing is known of its drift.',
  });
}

const PATIENCE = 30 * MINUTE;
