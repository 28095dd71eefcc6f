import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, retryAfterMs } from '../../src/runner/backoff.js';

describe('backoffMs', () => {
  it.each([
    [1, 0, 250],
    [1, 1, 500],
    [2, 1, 1000],
    [7, 1, 30_000],
    [500, 1, 30_000],
    [500, 0, 15_000],
  ])('after %i failures with chance %d waits %i ms', (failures, chance, expected) => {
    expect(backoffMs(failures, chance)).toBe(expected);
  });

  it('is never short by luck and never longer than its limit', () => {
    const options = { firstMs: 100, mostMs: 5000 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, chance) => {
          const wait = backoffMs(failures, chance, options);
          expect(wait).toBeGreaterThanOrEqual(50);
          expect(wait).toBeLessThanOrEqual(5000);
        },
      ),
    );
  });
});

describe('retryAfterMs', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  it.each([
    [null, 0],
    ['7', 7000],
    [' 0 ', 0],
    ['Sun, 01 Mar 2026 12:00:09 GMT', 9000],
    ['Sun, 01 Mar 2026 11:59:00 GMT', 0],
    ['999999', 300_000],
    ['soon', 0],
    ['-5', 0],
  ])('reads %j as %i ms', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
