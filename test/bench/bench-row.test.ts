import { describe, expect, it } from 'vitest';
import {
  median,
  percentile,
  ratioAtLeast,
  ratioAtMost,
  told,
  valueAtLeast,
  valueAtMost,
} from './bench-row.js';

const measured = { case: 'a', value: 130, unit: 'ms', against: 'b', againstValue: 100 };

describe('a benchmark row', () => {
  it.each([
    ['ratio <= 1.3', ratioAtMost(measured, 1.3), true],
    ['ratio <= 1.29', ratioAtMost(measured, 1.29), false],
    ['ratio >= 1.3', ratioAtLeast(measured, 1.3), true],
    ['ratio >= 1.31', ratioAtLeast(measured, 1.31), false],
    ['value <= 130', valueAtMost(measured, 130), true],
    ['value <= 129', valueAtMost(measured, 129), false],
    ['value >= 130', valueAtLeast(measured, 130), true],
    ['value >= 131', valueAtLeast(measured, 131), false],
    [null, told(measured), null],
  ])('judges %s', (aim, row, met) => {
    expect(row).toEqual({ ...measured, ratio: 1.3, aim, met });
  });

  it('judges no ratio where the anchor did not run', () => {
    const alone = { ...measured, againstValue: null };
    expect(ratioAtMost(alone, 1.3)).toMatchObject({ ratio: null, met: null });
    expect(valueAtMost(alone, 130)).toMatchObject({ ratio: null, met: true });
  });

  it('judges the exact figure and prints four digits of it', () => {
    expect(ratioAtMost({ ...measured, value: 130.0001 }, 1.3)).toMatchObject({
      value: 130,
      ratio: 1.3,
      met: false,
    });
  });
});

describe('percentile', () => {
  it.each([
    [[3, 1, 2], 50, 2],
    [[1, 2], 50, 1.5],
    [[5], 99, 5],
    [[1, 2, 3, 4, 5], 0, 1],
    [[1, 2, 3, 4, 5], 100, 5],
    [[0, 10], 99, 9.9],
  ])('of %j at %i is %d', (samples, percent, expected) => {
    expect(percentile(samples, percent)).toBeCloseTo(expected);
  });

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});
