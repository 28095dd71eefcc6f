/** Minutes gathered into the columns of a picture; a peak or a violation of a single minute stays visible. */
import type { FleetModel } from '../fleet/model.js';

export interface Column {
  /** Instances that the column's highest demand needs at the SLO, not above one more than the largest fleet. */
  readonly need: number;
  /** Least serving instances of the column, where it has a violation; else those of its end. */
  readonly capacity: number;
  readonly violations: number;
}

export function toColumns(
  demand: Float64Array,
  ready: Uint8Array,
  model: FleetModel,
  most: number,
): Column[] {
  const width = Math.min(most, demand.length);
  return Array.from({ length: width }, (_, i) => {
    const from = Math.floor((i * demand.length) / width);
    const to = Math.floor(((i + 1) * demand.length) / width);
    let highest = 0;
    let violations = 0;
    let least = model.max;
    for (let t = from; t < to; t++) {
      const load = demand[t] ?? 0;
      const size = ready[t] ?? 0;
      highest = Math.max(highest, load);
      if (load <= model.sloUtil * size + 1e-9) continue;
      violations++;
      least = Math.min(least, size);
    }
    return {
      need: Math.min(model.max + 1, highest / model.sloUtil),
      capacity: violations > 0 ? least : (ready[to - 1] ?? 0),
      violations,
    };
  });
}
