/** The layer of policy key `forecast`: a trend over the time that a launch takes, or what other days had at this hour. */
import { MINUTE } from '../../kernel/time.js';
import type { ScalePolicy } from '../policy.js';
import { createSeason, type Season, type SeasonState } from './season.js';
import { createTrend, type TrendState } from './trend.js';

export interface Forecast {
  push(at: number, demand: number, steps: number): void;
  /** Demand to be ready for, in instances' worth; null where the layer is off. It may only raise. */
  ahead(now: number, steps: number, demand: number): number | null;
  save(): { readonly trend: TrendState; readonly season: SeasonState | null };
}

const LEAST_BIN = 5 * MINUTE;
/** So that the state stays small whatever the period. */
const MOST_BINS = 1200;
/** Other days say no more than that demand may double. */
const MOST_GROWTH = 2;

export function createForecast(
  { forecast: { mode, band, seasonal } }: ScalePolicy,
  saved: { readonly trend: TrendState; readonly season: SeasonState | null },
): Forecast {
  const trend = createTrend(band, saved.trend);
  const season: Season | null =
    mode === 'seasonal' ? createSeason(shapeOf(seasonal), saved.season ?? undefined) : null;
  return {
    push(at, demand, steps) {
      if (mode === 'off') return;
      trend.push(demand, steps);
      season?.push(at, demand);
    },
    ahead(now, steps, demand) {
      if (mode === 'off') return null;
      const reached = trend.ahead(steps);
      if (season === null) return reached;
      return Math.max(
        reached,
        Math.min(MOST_GROWTH * Math.max(1, demand), season.ahead(now, now + seasonal.look)),
      );
    },
    save: () => ({ trend: trend.save(), season: season?.save() ?? null }),
  };
}

function shapeOf({ period, days }: ScalePolicy['forecast']['seasonal']) {
  const bin = Math.max(LEAST_BIN, Math.ceil((period * (days + 1)) / MOST_BINS / MINUTE) * MINUTE);
  return { period: Math.round(period / bin) * bin, periods: days, bin };
}
