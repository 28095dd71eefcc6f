import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, formatDuration, HOUR, isoTime, MINUTE, parseDuration, SECOND } from '../../src/kernel/time.js';

describe('reading a duration', () => {
  it.each([
    ['500ms', 500],
    ['90s', 90 * SECOND],
    ['15m', 15 * MINUTE],
    ['26h', 26 * HOUR],
    ['7d', 7 * DAY],
    ['2w', 14 * DAY],
    ['1h30m', 90 * MINUTE],
    ['1.5h', 90 * MINUTE],
    ['30', 30 * SECOND],
    ['0', 0],
    [' 5m ', 5 * MINUTE],
  ])('%j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    [''],
    ['-5m'],
    ['5 m'],
    ['5x'],
    ['m'],
    ['1e3'],
    ['.5h'],
    ['5m!'],
    ['Infinity'],
    ['9'.repeat(30)],
    [`${'9'.repeat(30)}w`],
  ])('refuses %j and says how to write one', (text) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ code: 'ROC_USAGE', hint: expect.stringContaining('1h30m') }),
    );
  });
});

describe('writing a duration', () => {
  it.each([
    [0, '0ms'],
    [85, '85ms'],
    [999.6, '1.0s'],
    [12_400, '12s'],
    [9_940, '9.9s'],
    [9_960, '10s'],
    [59_999, '1m'],
    [61_000, '1m 1s'],
    [3_600_000, '1h'],
    [3_780_000, '1h 3m'],
    [90_000_000, '1d 1h'],
    [-61_000, '-1m 1s'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('reads back to about the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * DAY }), (ms) => {
        const read = parseDuration(formatDuration(ms).replaceAll(' ', ''));
        expect(Math.abs(read - ms) / ms).toBeLessThanOrEqual(0.05);
      }),
    );
  });
});

describe('an instant', () => {
  it('is ISO 8601 in UTC, and null stays null', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(isoTime(null)).toBeNull();
  });
});
