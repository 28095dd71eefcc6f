/** The datapoints of an alarm: one metric, averaged over its period, seen when the period's last minute is out. */
import type { FleetView } from '../fleet/controller.js';

export type Signal = 'cpu' | 'requests';

export interface Datapoints {
  /** @returns the datapoint that has come since the last minute, else undefined; NaN where it has no value */
  readonly next: (view: FleetView) => number | undefined;
}

/** `requests` is requests a target: it rises above 1 where CPU ends at 100 %. */
export function createDatapoints(signal: Signal, period: number): Datapoints {
  let read = 0;
  return {
    next({ known, metrics }) {
      if (read + period - 1 > known) return undefined;
      let sum = 0;
      let count = 0;
      for (let t = read; t < read + period; t++) {
        const ready = metrics.ready[t] ?? 0;
        const value =
          signal === 'cpu' ? (metrics.cpu[t] ?? 0) : (metrics.requests[t] ?? 0) / Math.max(1, ready);
        if (Number.isNaN(value)) continue;
        sum += value;
        count++;
      }
      read += period;
      return count === 0 ? Number.NaN : sum / count;
    },
  };
}
