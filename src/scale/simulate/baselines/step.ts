/** Step scaling by three thresholds and a cooldown, as runbooks write it; an emulation of the documented behaviour. */
import type { Controller, ControllerSpec } from '../fleet/controller.js';
import { createDatapoints } from './datapoints.js';

export interface StepScaling {
  readonly name: string;
  /** CPU above which one is added, and two. */
  readonly high: number;
  readonly higher: number;
  /** CPU below which one is taken away. */
  readonly low: number;
  /** Minutes after a change without another. */
  readonly cooldown: number;
}

export const STEP_DEFAULTS = { high: 0.6, higher: 0.75, low: 0.3, cooldown: 5 } as const;

export function stepScaling(options: StepScaling): ControllerSpec {
  return { name: options.name, create: () => createStepScaling(options) };
}

function createStepScaling({ high, higher, low, cooldown }: StepScaling): Controller {
  const datapoints = createDatapoints('cpu', 1);
  let changedAt = Number.NEGATIVE_INFINITY;
  return {
    step(view) {
      const cpu = datapoints.next(view);
      if (cpu === undefined || Number.isNaN(cpu) || view.minute - changedAt < cooldown) return view.desired;
      const by = cpu > higher ? 2 : cpu > high ? 1 : cpu < low ? -1 : 0;
      if (by !== 0) changedAt = view.minute;
      return view.desired + by;
    },
  };
}
