import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSeries } from '../../../../src/scale/simulate/series/series.js';

const T0 = Date.UTC(2026, 2, 1);
const MINUTE = 60_000;

function series(points: readonly (readonly [minute: number, value: number])[], zerosAreMissing = false) {
  return toSeries(
    's',
    { at: points.map(([minute]) => T0 + minute * MINUTE), value: points.map(([, value]) => value) },
    { zerosAreMissing },
  );
}

describe('a series', () => {
  it('holds a five-minute value for five minutes and never looks ahead', () => {
    const { demand, facts } = series([
      [0, 10],
      [5, 30],
      [10, 20],
    ]);
    expect([...demand]).toEqual([10, 10, 10, 10, 10, 30, 30, 30, 30, 30, 20, 20, 20, 20, 20]);
    expect(facts).toMatchObject({ stepMinutes: 5, imputedMinutes: 0, duplicates: 0 });
  });

  it('floors instants to their minute', () => {
    const made = toSeries(
      's',
      { at: [T0 + 53_000, T0 + 5 * MINUTE + 53_000], value: [1, 2] },
      { zerosAreMissing: false },
    );
    expect(made.startMs).toBe(T0);
    expect([...made.demand]).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  });

  it('holds the last value through a gap, and tells which minutes it made up', () => {
    const { demand, imputed, facts } = series([
      [0, 10],
      [5, 20],
      [10, 30],
      [25, 40],
    ]);
    expect([...demand.subarray(10, 25)]).toEqual(Array.from({ length: 15 }, () => 30));
    expect([...imputed].map((flag, t) => (flag ? t : -1)).filter((t) => t >= 0)).toEqual([
      15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    ]);
    expect(facts).toMatchObject({ imputedMinutes: 10, longestGapMinutes: 10 });
    expect(facts.imputedPct).toBeCloseTo(100 / 3);
  });

  it('takes the greater value of the hour that daylight saving repeats', () => {
    const hour = [0, 5, 10, 15];
    const { demand, facts } = series([
      ...hour.map((minute) => [minute, 10] as const),
      ...hour.map((minute, i) => [minute, i % 2 === 0 ? 50 : 5] as const),
      [20, 7],
    ]);
    expect(facts).toMatchObject({ duplicates: 4, outOfOrder: 3 });
    expect([0, 5, 10, 15, 20].map((t) => demand[t])).toEqual([50, 10, 50, 10, 7]);
  });

  it('means the points of one minute', () => {
    expect([
      ...series([
        [0, 1],
        [0.5, 3],
        [1, 5],
        [1.5, 7],
      ]).demand,
    ]).toEqual([2, 6]);
  });

  it('takes zeros as demand, or as holes where it is told so', () => {
    const points = [
      [0, 4],
      [1, 0],
      [2, 0],
      [3, 8],
    ] as const;
    expect([...series(points).demand]).toEqual([4, 0, 0, 8]);
    const told = series(points, true);
    expect([...told.demand]).toEqual([4, 4, 4, 8]);
    expect([told.facts.zeroPct, told.facts.imputedMinutes]).toEqual([50, 2]);
  });

  it('leaves out rows without a value', () => {
    const { facts, demand } = series([
      [0, 1],
      [1, Number.NaN],
      [2, 3],
      [3, 4],
      [4, 5],
    ]);
    expect([...demand]).toEqual([1, 1, 3, 4, 5]);
    expect(facts).toMatchObject({ emptyRows: 1, imputedMinutes: 1 });
  });

  it('refuses fewer than two values and more than two years', () => {
    expect(() => series([[0, 1]])).toThrow('s: 1 rows with a value');
    expect(() =>
      series([
        [0, 1],
        [1, 1],
        [2_000_000, 1],
      ]),
    ).toThrow(/minutes between its first and its last/);
  });

  it('shows in every minute a value that was there at that time or before', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 30 }), (points) => {
        fc.pre(new Set(points.map(([minute]) => minute)).size > 1);
        const { demand, startMs } = series(points);
        const first = (startMs - T0) / MINUTE;
        demand.forEach((value, t) => {
          expect(points.some(([minute, known]) => minute <= t + first && known === value)).toBe(true);
        });
      }),
      { numRuns: 200 },
    );
  });
});
