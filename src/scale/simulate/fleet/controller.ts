/** What a controller sees at the end of a minute, and what it answers. */
import type { FleetModel } from './model.js';

/** One object for a whole run, changed in place; a controller keeps no part of it but the arrays. */
export interface FleetView {
  /** The minute that has just ended. */
  minute: number;
  /** The newest minute whose metrics can be read, or below zero for none. Nothing above it may be looked at. */
  known: number;
  /** What was last asked for, within the fleet's bounds. */
  desired: number;
  /** Serving in the minute that has just ended. */
  ready: number;
  /** Launched, not serving yet. */
  booting: number;
  draining: number;
  /** Launched this many minutes ago or more; for warm-up clocks. */
  readonly olderThan: (minutes: number) => number;
  readonly metrics: Metrics;
}

/** One number a minute; NaN where the metric is missing. */
export interface Metrics {
  /** Mean utilisation of the serving instances, 0 to 1: it says nothing about demand above what they can do. */
  readonly cpu: Float64Array;
  /** What was asked of the fleet, in instances' worth; not cut off by what the fleet can do. */
  readonly requests: Float64Array;
  /** Serving instances of that minute. */
  readonly ready: Uint8Array;
}

export interface Controller {
  /** @returns the number of instances to have, brought within the fleet's bounds by the caller */
  readonly step: (view: FleetView) => number;
}

export interface ControllerContext {
  readonly fleet: FleetModel;
  /** Epoch milliseconds of minute 0. */
  readonly startMs: number;
  readonly minutes: number;
}

/** A policy by its name: makes a controller without memory of other runs. */
export interface ControllerSpec {
  readonly name: string;
  readonly create: (context: ControllerContext) => Controller;
}
