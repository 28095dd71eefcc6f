/** Calls that are held on purpose (long polls, event streams): all of them end at once when the server stops or drains. */

export interface HeldCalls {
  add(controller: AbortController): void;
  delete(controller: AbortController): void;
  /** Ends every held call, and each one that comes later. */
  endAll(): void;
  /** The same for as long as the node drains; those who poll find another node. */
  drain(isDraining: boolean): void;
  /** How many there are. */
  count(): number;
}

export function createHeldCalls(): HeldCalls {
  const controllers = new Set<AbortController>();
  let [hasEnded, isDraining] = [false, false];
  const abortAll = () => {
    for (const controller of controllers) controller.abort();
    controllers.clear();
  };
  return {
    add: (controller) => {
      if (hasEnded || isDraining) controller.abort();
      else controllers.add(controller);
    },
    delete: (controller) => {
      controllers.delete(controller);
    },
    endAll: () => {
      hasEnded = true;
      abortAll();
    },
    drain: (shallDrain) => {
      isDraining = shallDrain;
      if (shallDrain) abortAll();
    },
    count: () => controllers.size,
  };
}
