/** The decision: policy, snapshot, state and now in; a number, its reasons and the next state out. */
import type { ScalePolicy } from '../policy/policy.js';
import { createController } from './controller.js';
import type { Decision } from './decision.js';
import type { Snapshot } from './snapshot.js';
import type { ScaleState } from './state.js';

/** Pure: the same arguments give the same bytes. It reads nothing else, keeps nothing and changes none of them. */
export function decide(policy: ScalePolicy, snapshot: Snapshot, state: ScaleState, now: number): Decision {
  const controller = createController(policy, { state });
  const desired = controller.tick(snapshot, now);
  const current = snapshot.group.desired;
  return {
    current,
    desired,
    action: desired > current ? 'out' : desired < current ? 'in' : 'hold',
    ...controller.explain(),
    state: controller.save(),
  };
}
