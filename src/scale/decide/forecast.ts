/** The layer of policy key `forecast`: a trend over the time that a launch takes, or what other days had at this hour. */
import { MINUTE } from '../../kernel/time.js';
import type { ScalePolicy } from '../policy/policy.js';
import { createSeason, type Season, type SeasonState } from './season.js';
import { createTrend, type TrendState } from './trend.js';
import { createMaxWindows, type WindowState } from './window.js';

export interface Forecast {
  push(at: number, demand: number, steps: number): void;
  /**
   * Demand to be ready for, margin included, in instances' worth: the largest forecast of the scale-in window,
   * so that one that wavers moves nothing. Null where the layer is off.
   */
  ahead(now: number, steps: number, demand: number): number | null;
  rebase(now: number): void;
  save(): ForecastState;
}

export interface ForecastState {
  readonly trend: TrendState;
  readonly season: SeasonState | null;
  /** What was forecast of late. */
  readonly forecasts: WindowState;
}

const LEAST_BIN = 5 * MINUTE;
/** Forecasts that are kept. */
const SLOTS = 64;
/** So that the state stays small whatever the period. */
const MOST_BINS = 1200;
/** Other days say no more than that demand may double. */
const MOST_GROWTH = 2;

export function createForecast(
  { forecast: { mode, band, seasonal }, scaleIn }: ScalePolicy,
  saved: ForecastState,
): Forecast {
  const held = createMaxWindows([scaleIn.window], scaleIn.window / SLOTS, saved.forecasts);
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
      const others = season === null ? 0 : season.ahead(now, now + seasonal.look);
      held.push(now, Math.max(trend.ahead(steps), Math.min(MOST_GROWTH * Math.max(1, demand), others)));
      return held.max(0, now);
    },
    rebase: held.rebase,
    save: () => ({ trend: trend.save(), season: season?.save() ?? null, forecasts: held.save() }),
  };
}

function shapeOf({ period, days }: ScalePolicy['forecast']['seasonal']) {
  const bin = Math.max(LEAST_BIN, Math.ceil((period * (days + 1)) / MOST_BINS / MINUTE) * MINUTE);
  return { period: Math.round(period / bin) * bin, periods: days, bin };
}
