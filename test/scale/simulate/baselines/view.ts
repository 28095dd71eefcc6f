/** A view that a test sets by hand. */
import type { FleetView } from '../../../../src/scale/simulate/fleet/controller.js';

export interface Seen {
  readonly cpu: readonly number[];
  /** Serving instances of each of those minutes. */
  readonly ready: readonly number[];
  readonly desired: number;
  readonly booting?: number;
  /** Instances past their warm-up. */
  readonly warm?: number;
}

/** The last minute of `cpu` is the newest known; requests are what that CPU means, without an end at 100 %. */
export function viewOf({ cpu, ready, desired, booting = 0, warm }: Seen): FleetView {
  const known = cpu.length - 1;
  const serving = ready.at(-1) ?? 0;
  return {
    minute: known + 1,
    known,
    desired,
    ready: serving,
    booting,
    draining: 0,
    olderThan: () => warm ?? serving,
    metrics: {
      cpu: Float64Array.from(cpu),
      requests: Float64Array.from(cpu, (value, t) => value * (ready[t] ?? 0)),
      ready: Uint8Array.from(ready),
    },
  };
}
