import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTimestamp } from '../../../../src/scale/simulate/series/timestamp.js';

const NOON = Date.UTC(2026, 2, 1, 12, 5, 7);

describe('timestamps', () => {
  it.each([
    ['2026-03-01 12:05:07', NOON],
    ['2026-03-01T12:05:07Z', NOON],
    ['2026-03-01T12:05:07.250Z', NOON + 250],
    ['2026-03-01T13:05:07+01:00', NOON],
    ['2026-03-01T06:35:07-0530', NOON],
    ['2026/03/01 12:05:07 UTC', NOON],
    ['2026-03-01 12:05', NOON - 7000],
    ['2026-03-01', Date.UTC(2026, 2, 1)],
    [String(NOON / 1000), NOON],
    [String(NOON), NOON],
  ])('%s is read', (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });

  it.each([
    '',
    '01/03/2026 12:05',
    '03-01-2026',
    '2026-02-31',
    '2026-13-01',
    '2026-03-01 24:01',
    '2026-03-01 12:61',
    '12.5',
    'now',
    '2026-03-01T12:05:07 CET',
  ])('"%s" is none', (text) => {
    expect(parseTimestamp(text)).toBeNull();
  });

  it('reads back what toISOString writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
        expect(parseTimestamp(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});
