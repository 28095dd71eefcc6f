/** Tells people once when the server goes away, comes back, or wants this runner to take no more jobs. */
import { isRocError } from '../kernel/errors.js';
import type { RunnerEvent } from './events.js';

export interface Reachability {
  failed(error: unknown): void;
  answered(isDraining: boolean, running: number): void;
}

export function createReachability(emit: (event: RunnerEvent) => void): Reachability {
  let isAway = false;
  let wasDraining = false;
  return {
    failed(error) {
      if (!isAway) emit({ event: 'unreachable', message: isRocError(error) ? error.message : String(error) });
      isAway = true;
    },
    answered(isDraining, running) {
      if (isAway) emit({ event: 'reachable' });
      isAway = false;
      if (isDraining && !wasDraining) emit({ event: 'draining', running, by: 'server' });
      wasDraining = isDraining;
    },
  };
}
