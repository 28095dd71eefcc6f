/** Where demand will be when what is launched now serves: level and slope (Holt), and a margin from its own past errors. */

export interface TrendState {
  readonly level: number;
  readonly slope: number;
  /** What the chosen share of past errors stayed below, in instances' worth. */
  readonly margin: number;
  /** Forecasts whose time has not come, oldest first. */
  readonly pending: readonly number[];
}

export interface Trend {
  /** @param steps buckets to look ahead */
  push(demand: number, steps: number): void;
  /** Demand after so many buckets, margin included; never less than what it is now. */
  ahead(steps: number): number;
  save(): TrendState;
}

export const NO_TREND: TrendState = { level: -1, slope: 0, margin: 0, pending: [] };

const LEVEL_GAIN = 0.5;
const SLOPE_GAIN = 0.1;
const MARGIN_GAIN = 0.05;
const MOST_STEPS = 60;

/** @param band share of past errors that the margin covers, 0 for no margin */
export function createTrend(band: number, saved: TrendState = NO_TREND): Trend {
  let { level, slope, margin } = saved;
  const pending = [...saved.pending];

  function expect(steps: number): number {
    return Math.max(0, level + slope * Math.min(MOST_STEPS, steps));
  }

  // A quantile by small steps: up by the band when it was too low, down by the rest when it was not.
  function judge(error: number, demand: number): void {
    const step = MARGIN_GAIN * Math.max(demand, 0.1);
    margin = Math.max(0, margin + (error > margin ? step * band : -step * (1 - band)));
  }

  return {
    push(demand, steps) {
      if (pending.length >= Math.min(MOST_STEPS, steps)) {
        const forecast = pending.shift();
        if (forecast !== undefined && band > 0) judge(demand - forecast, demand);
        while (pending.length >= Math.min(MOST_STEPS, steps)) pending.shift();
      }
      if (level < 0) level = demand;
      else {
        const before = level;
        level = LEVEL_GAIN * demand + (1 - LEVEL_GAIN) * (level + slope);
        slope = SLOPE_GAIN * (level - before) + (1 - SLOPE_GAIN) * slope;
      }
      pending.push(expect(steps));
    },
    ahead: (steps) => (level < 0 ? 0 : expect(steps) + margin),
    save: () => ({ level, slope, margin, pending: pending.slice() }),
  };
}
