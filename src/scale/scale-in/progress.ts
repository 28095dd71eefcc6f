/** What taking one instance out needs, and how far it has come. */
import type { Clock } from '../../kernel/time.js';
import type { Fleet } from '../group/fleet.js';
import type { Nodes } from '../group/nodes.js';
import type { ScaleIn } from '../lease/record.js';

export interface DrainParts {
  readonly fleet: Pick<Fleet, 'group' | 'targets' | 'deregister' | 'register' | 'terminate'>;
  readonly nodes: Nodes;
  readonly now: Clock;
  /** Keeps the operation where the next controller finds it, before the step is taken. Fails where the lease is lost. */
  readonly write: (operation: ScaleIn) => Promise<void>;
  /** Fails unless this controller may still change something. */
  readonly guard: () => void;
  /** Why it shall stop: demand rose, or somebody switched roc off. */
  readonly stop?: string | undefined;
}

export interface Progress {
  readonly operation: ScaleIn;
  /** `going`: call again. `done`: the instance ends. `undone`: all is as before. `left`: it went without us. */
  readonly state: 'going' | 'done' | 'undone' | 'left';
  readonly says: string;
}

/** Out of the balancer, or on its way: no new request reaches it. */
export function isOut(state: string | undefined): boolean {
  return state === undefined || state === 'draining' || state === 'unhealthy.draining' || state === 'unused';
}
