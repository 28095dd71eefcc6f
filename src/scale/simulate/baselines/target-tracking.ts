/**
 * Target tracking of an Auto Scaling group, after its documentation; an emulation, not the service.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 */
import type { Controller, ControllerSpec } from '../fleet/controller.js';
import { createDatapoints, type Signal } from './datapoints.js';

export interface TargetTracking {
  readonly name: string;
  /** Utilisation to keep, 0 to 1. */
  readonly target: number;
  readonly signal: Signal;
  /** Minutes a datapoint: 1 with detailed monitoring, 5 with basic. */
  readonly period: number;
  /** Datapoints in a row above the target before the group grows; AWS sets 3. */
  readonly outPoints: number;
  /** Datapoints in a row below 90 % of the target before it shrinks; AWS sets 15. */
  readonly inPoints: number;
  /** Minutes from launch until an instance counts; AWS's default is the default cooldown, 300 s. */
  readonly warmup: number;
}

export const AWS_DEFAULTS = { signal: 'cpu', period: 1, outPoints: 3, inPoints: 15, warmup: 5 } as const;

/** The low alarm stands this far below the target. */
const LOW = 0.9;

export function targetTracking(options: TargetTracking): ControllerSpec {
  return { name: options.name, create: () => createTargetTracking(options) };
}

export function createTargetTracking(options: TargetTracking): Controller {
  const { target, outPoints, inPoints, warmup } = options;
  const datapoints = createDatapoints(options.signal, options.period);
  let above = 0;
  let below = 0;
  return {
    step(view) {
      const point = datapoints.next(view);
      // Missing data puts the alarms into INSUFFICIENT_DATA: no action.
      if (point === undefined || Number.isNaN(point)) return view.desired;
      above = point > target ? above + 1 : 0;
      below = point < LOW * target ? below + 1 : 0;
      const warm = Math.min(view.olderThan(warmup), view.ready);
      if (above >= outPoints) return Math.max(view.desired, proportional(warm, point, target));
      if (below < inPoints || warm < view.desired) return view.desired;
      const smaller = proportional(warm, point, target);
      if (smaller >= view.desired) return view.desired;
      // The next cut needs datapoints of the smaller group.
      below = 0;
      return smaller;
    },
  };
}

/** Rounded up, so that the group is not above its target again. */
function proportional(instances: number, metric: number, target: number): number {
  return Math.ceil((instances * metric) / target - 1e-9);
}
