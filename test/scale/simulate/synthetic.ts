/** Demand that a seed makes: days and nights, weekends, noise that lasts, bursts; five-minute steps, as most metrics have. */
import { randomFrom } from '../../../src/scale/simulate/fleet/faults.js';
import { type Series, toSeries } from '../../../src/scale/simulate/series/series.js';

const STEP = 5 * 60_000;

export function syntheticSeries(name: string, seed: number, days: number): Series {
  const random = randomFrom(seed);
  const at: number[] = [];
  const value: number[] = [];
  let drift = 0;
  let burst = 0;
  for (let i = 0; i < days * 288; i++) {
    const hour = (i / 12) % 24;
    const isWeekend = Math.floor(i / 288) % 7 >= 5;
    drift = 0.95 * drift + 0.05 * (random() - 0.5);
    burst = random() < 0.004 ? 40 + 80 * random() : burst * 0.8;
    const day = 60 + 45 * Math.sin(((hour - 9) / 24) * 2 * Math.PI);
    at.push(Date.UTC(2026, 0, 5) + i * STEP);
    value.push(Math.max(0, day * (isWeekend ? 0.6 : 1) * (1 + 4 * drift) + burst));
  }
  return toSeries(name, { at, value }, { zerosAreMissing: false });
}
