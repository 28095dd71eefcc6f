import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ageOf,
  onGrid,
  orderedPoints,
  settledPoints,
  zeroWhereHealthy,
} from '../../../src/scale/metrics/series.js';
import { alignedWindow, finestPeriodSeconds } from '../../../src/scale/metrics/window.js';

const MINUTE = 60_000;
const points = (...pairs: [number, number][]) =>
  pairs.map(([minute, value]) => ({ at: minute * MINUTE, value }));
const series = (...pairs: [number, number][]) => ({ periodMs: MINUTE, points: points(...pairs) });

describe('points', () => {
  test.each([
    ['its end is the settle time ago', 12, 10],
    ['one millisecond is missing', 12 - 1 / MINUTE, 9],
    ['the clock stands before all of them', 0, undefined],
  ])('are settled up to the bucket where %s', (_, nowMinute, newest) => {
    const given = series([9, 1], [10, 2], [11, 3]);
    const settled = settledPoints(given, { now: nowMinute * MINUTE, settleMs: MINUTE });
    expect(settled.at(-1)?.at).toBe(newest === undefined ? undefined : newest * MINUTE);
  });

  test('are as old as the end of the newest bucket', () => {
    expect(ageOf(series([9, 1], [10, 2]), 13 * MINUTE)).toBe(2 * MINUTE);
    expect(ageOf(series([9, 1]), 0)).toBe(0);
    expect(ageOf(series(), 13 * MINUTE)).toBeNull();
  });

  test('are ordered, each instant once, and say what did not fit', () => {
    const given = [...points([3, 3], [1, 1], [2, 2], [3, 9], [1, 1]), { at: 4 * MINUTE, value: Number.NaN }];
    expect(orderedPoints(given)).toEqual({ points: points([1, 1], [2, 2], [3, 9]), conflicts: 1, broken: 1 });
  });

  test('in any order and repeated give the same', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(9))), fc.infiniteStream(fc.nat()), (pairs, dice) => {
        const once = [...new Map(pairs)].map(([at, value]) => ({ at, value }));
        const shuffled = [...once, ...once]
          .map((point) => ({ point, rank: dice.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ point }) => point);
        expect(orderedPoints(shuffled)).toEqual({ ...orderedPoints(once), conflicts: 0 });
      }),
    );
  });
});

describe('a grid', () => {
  test('has a place for every bucket and null where nothing was measured', () => {
    expect(onGrid(series([1, 5], [3, 7], [9, 9]), { from: MINUTE, to: 5 * MINUTE })).toEqual([
      5,
      null,
      7,
      null,
    ]);
  });

  test('takes silence for zero only where the balancer counted its hosts', () => {
    expect(zeroWhereHealthy([4, null, null, 0], [2, 2, null, null])).toEqual([4, 0, null, 0]);
    expect(zeroWhereHealthy([null], [0])).toEqual([0]);
    expect(zeroWhereHealthy([null, null], [])).toEqual([null, null]);
  });
});

describe('a window', () => {
  test('is whole buckets, and at least one', () => {
    expect(alignedWindow({ from: 61_000, to: 179_000 }, MINUTE)).toEqual({ from: MINUTE, to: 3 * MINUTE });
    expect(alignedWindow({ from: 61_000, to: 61_000 }, 5 * MINUTE)).toEqual({ from: 0, to: 5 * MINUTE });
  });

  test.each([
    [14, 60],
    [15, 60],
    [15.01, 300],
    [63, 300],
    [64, 3600],
  ])('of %d days ago is kept by %d seconds', (days, seconds) => {
    expect(finestPeriodSeconds(days * 86_400_000)).toBe(seconds);
  });
});
