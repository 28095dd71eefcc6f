/** Calls that are held on purpose (long polls, event streams): all of them end at once when the server stops. */

export interface HeldCalls {
  add(controller: AbortController): void;
  delete(controller: AbortController): void;
  /** Ends every held call, and each one that comes later. */
  endAll(): void;
}

export function createHeldCalls(): HeldCalls {
  const controllers = new Set<AbortController>();
  let ended = false;
  return {
    add: (controller) => {
      if (ended) controller.abort();
      else controllers.add(controller);
    },
    delete: (controller) => {
      controllers.delete(controller);
    },
    endAll: () => {
      ended = true;
      for (const controller of controllers) controller.abort();
      controllers.clear();
    },
  };
}
