import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frontierAt, undominated } from '../../../../src/scale/simulate/tune/frontier.js';

const point = (avoidablePct: number, instanceHoursPerDay: number) => ({ avoidablePct, instanceHoursPerDay });
const POINTS = [point(0.2, 100), point(0.6, 80), point(0.8, 90), point(1.6, 60)];

describe('the frontier', () => {
  it.each([
    [0.1, null, false],
    [0.2, 100, false],
    [0.4, 90, false],
    [0.6, 80, false],
    [1.1, 70, false],
    [5, 60, true],
  ])('at %f %% it needs %s hours (upper bound: %s)', (budget, hours, isUpperBound) => {
    const cell = frontierAt(POINTS, budget);
    expect(cell.isUpperBound).toBe(isUpperBound);
    if (hours === null) expect(cell.instanceHoursPerDay).toBeNull();
    else expect(cell.instanceHoursPerDay).toBeCloseTo(hours);
  });

  it('has nothing to say about nothing', () => {
    expect(frontierAt([], 1).instanceHoursPerDay).toBeNull();
  });

  it('keeps every point that no other beats, and no other', () => {
    const some = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(some, (pairs) => {
        const points = pairs.map(([a, b]) => point(a, b));
        const kept = undominated(points);
        for (const one of points)
          expect(
            kept.some(
              (other) =>
                other.avoidablePct <= one.avoidablePct &&
                other.instanceHoursPerDay <= one.instanceHoursPerDay,
            ),
          ).toBe(true);
        kept.slice(1).forEach((one, i) => {
          expect(one.avoidablePct).toBeGreaterThan(kept[i]?.avoidablePct ?? -1);
          expect(one.instanceHoursPerDay).toBeLessThan(kept[i]?.instanceHoursPerDay ?? 10);
        });
      }),
    );
  });
});
