/** Learns how many requests a minute fill one instance, from the requests and the CPU of the same minutes. */

export interface CapacityState {
  /** Requests a minute at 100 % CPU of one instance; 0 before anything is known. */
  readonly perInstance: number;
  /** Minutes that it rests on, up to {@link MOST}. */
  readonly weight: number;
}

export interface Capacity {
  /** Null until enough minutes were seen. It changes only at `settle`. */
  perInstance(): number | null;
  /** @param cpu percent of the group; @param serving instances that served */
  learn(requests: number, cpu: number, serving: number): void;
  settle(): void;
  save(): CapacityState;
}

export const NO_CAPACITY: CapacityState = { perInstance: 0, weight: 0 };

const MOST = 720;
const ENOUGH = 10;
// Below, an idle instance's own work tells more than requests do; above, CPU no longer rises with them.
const LEAST_CPU = 10;
const MOST_CPU = 95;

/** A mean in the logarithm, so that a slow request weighs as much as a quick one. */
export function createCapacity(saved: CapacityState = NO_CAPACITY): Capacity {
  let { perInstance, weight } = saved;
  let usable = weight >= ENOUGH ? perInstance : null;
  return {
    perInstance: () => usable,
    learn(requests, cpu, serving) {
      if (!(cpu >= LEAST_CPU && cpu <= MOST_CPU && requests > 0 && serving > 0)) return;
      const seen = requests / ((cpu / 100) * serving);
      weight = Math.min(MOST, weight + 1);
      perInstance = perInstance === 0 ? seen : perInstance * (seen / perInstance) ** (1 / weight);
    },
    settle() {
      usable = weight >= ENOUGH ? perInstance : null;
    },
    save: () => ({ perInstance, weight }),
  };
}
