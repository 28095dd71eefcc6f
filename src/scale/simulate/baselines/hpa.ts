/**
 * The Kubernetes horizontal pod autoscaler, after its documentation; an emulation, not the controller.
 * https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
 */
import type { Controller, ControllerSpec } from '../fleet/controller.js';

export interface Hpa {
  readonly name: string;
  /** Utilisation to keep, 0 to 1. */
  readonly target: number;
  /** Minutes whose highest recommendation a scale-in may not go below; Kubernetes has 5. */
  readonly window: number;
  /** Relative distance from the target within which nothing is done; Kubernetes has 0.1. */
  readonly tolerance: number;
}

export const HPA_DEFAULTS = { window: 5, tolerance: 0.1 } as const;

export function hpa(options: Hpa): ControllerSpec {
  return { name: options.name, create: ({ fleet }) => createHpa(options, fleet.min, fleet.max) };
}

export function createHpa({ target, window, tolerance }: Hpa, min: number, max: number): Controller {
  const slots = Math.max(1, window);
  const recommended = new Uint16Array(slots).fill(min);
  return {
    step({ minute, known, desired, ready, booting, metrics }) {
      const cpu = known < 0 ? Number.NaN : (metrics.cpu[known] ?? Number.NaN);
      // Usage and pods of the same minute: today's pods times an older minute's usage would count a scale-out twice.
      const pods = known < 0 ? 0 : (metrics.ready[known] ?? 0);
      const wanted = Number.isNaN(cpu)
        ? desired
        : recommend(cpu / target, tolerance, desired, pods, Math.max(0, ready + booting - pods));
      const now = Math.max(min, Math.min(max, wanted));
      recommended[minute % slots] = now;
      if (now >= desired) return now;
      let highest = 0;
      for (let i = 0; i < slots; i++) highest = Math.max(highest, recommended[i] ?? 0);
      return Math.min(desired, highest);
    },
  };
}

/**
 * Pods that are not ready yet count as idle where the group would grow, and not at all where it would shrink. Without
 * metrics it refuses to act; what it would keep is what there is.
 */
function recommend(
  ratio: number,
  tolerance: number,
  desired: number,
  ready: number,
  unready: number,
): number {
  const wanted = Math.ceil(ratio * ready - 1e-9);
  if (Math.abs(ratio - 1) <= tolerance) return desired;
  if (ratio < 1) return wanted;
  if ((ratio * ready) / (ready + unready) <= 1 + tolerance) return desired;
  // The default limit on growth: at most double, or four more, in 15 seconds.
  return Math.min(wanted, Math.max(2 * desired, desired + 4));
}
