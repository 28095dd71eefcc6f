import { describe, expect, it } from 'vitest';
import { createCredits } from '../../../../src/scale/simulate/fleet/credits.js';
import { T3_SMALL } from '../../../../src/scale/simulate/fleet/model.js';

describe('CPU credits', () => {
  it('cost nothing at the baseline', () => {
    const credits = createCredits(T3_SMALL, 1);
    credits.add(0);
    for (let t = 0; t < 10_000; t++) credits.spend(1, 1, 0.2);
    expect(credits.settle(1)).toBeCloseTo(0);
  });

  it('cost the surplus above the baseline: an hour at 100 % is 1.6 vCPU-hours of it', () => {
    const credits = createCredits(T3_SMALL, 1);
    credits.add(0);
    for (let t = 0; t < 60; t++) credits.spend(1, 1, 1);
    expect(credits.settle(1)).toBeCloseTo(1.6 * 0.05);
  });

  it('are paid back by idle hours, up to what a day earns', () => {
    const credits = createCredits(T3_SMALL, 1);
    credits.add(0);
    for (let t = 0; t < 60; t++) credits.spend(1, 1, 1);
    for (let t = 0; t < 4 * 60; t++) credits.spend(1, 1, 0);
    expect(credits.settle(1)).toBeCloseTo(0);
  });

  it('are saved for a day at most', () => {
    const credits = createCredits(T3_SMALL, 1);
    credits.add(0);
    for (let t = 0; t < 10 * 1440; t++) credits.spend(1, 1, 0);
    // 576 saved credits carry 6 hours at 100 % (1.6 a minute above what is earned); the seventh hour is surplus.
    for (let t = 0; t < 7 * 60; t++) credits.spend(1, 1, 1);
    expect(credits.settle(1)).toBeCloseTo(1.6 * 0.05);
  });

  it('that were saved are lost with their instance, and a debt is paid', () => {
    const credits = createCredits(T3_SMALL, 2);
    credits.add(0);
    credits.add(1);
    for (let t = 0; t < 60; t++) credits.spend(2, 1, 1);
    credits.remove(0, 2);
    expect(credits.settle(1)).toBeCloseTo(1.6 * 0.05);
  });

  it('make the second instance of a busy one nearly free', () => {
    const one = createCredits(T3_SMALL, 1);
    one.add(0);
    const two = createCredits(T3_SMALL, 2);
    two.add(0);
    two.add(1);
    for (let t = 0; t < 5000; t++) {
      one.spend(1, 1, 0.8);
      two.spend(2, 2, 0.4);
    }
    const hours = 5000 / 60;
    const saved = (one.settle(1) - two.settle(2)) / hours;
    expect(T3_SMALL.instanceHour - saved).toBeCloseTo(0.0008, 4);
  });
});
