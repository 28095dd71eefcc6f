/** The small machines that a decision is made of, each against a plain reckoning of the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../src/kernel/time.js';
import { createCalendar } from '../../../src/scale/decide/calendar.js';
import { createCapacity } from '../../../src/scale/decide/capacity.js';
import { createChanges } from '../../../src/scale/decide/changes.js';
import { createSeason } from '../../../src/scale/decide/season.js';
import { createTrend } from '../../../src/scale/decide/trend.js';
import { createMaxWindows } from '../../../src/scale/decide/window.js';
import type { FreezeWindow, Weekday } from '../../../src/scale/policy/policy.js';
import { START } from './cases.js';

describe('the largest value of windows', () => {
  it('is that of a plain search, through any number of saves', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 50 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 60 }), (pairs, every) => {
        const spans = [10, 30, 90];
        let windows = createMaxWindows(spans, 1);
        const all: { at: number; value: number }[] = [];
        let at = 1000;
        pairs.forEach(([wait, value], index) => {
          at += wait;
          all.push({ at, value });
          windows.push(at, value);
          if (index % every === 0) windows = createMaxWindows(spans, 1, windows.save());
          const plain = spans.map((span) =>
            Math.max(0, ...all.filter((one) => one.at > at - span).map((one) => one.value)),
          );
          expect(spans.map((_, i) => windows.max(i, at))).toEqual(plain);
        });
      }),
    );
  });

  it('errs by at most a slot, and upward, where slots are coarse', () => {
    const windows = createMaxWindows([100], 10);
    for (let at = 0; at < 500; at++) windows.push(at, 500 - at);
    expect(windows.max(0, 499)).toBeGreaterThanOrEqual(100);
    expect(windows.max(0, 499)).toBeLessThanOrEqual(110);
    expect(windows.save().length).toBeLessThanOrEqual(24);
  });

  it('has nothing in the future after the clock was put back', () => {
    const windows = createMaxWindows([100], 1);
    windows.push(1000, 7);
    windows.rebase(500);
    windows.push(501, 3);
    expect([windows.max(0, 501), windows.max(0, 599), windows.max(0, 600)]).toEqual([7, 7, 3]);
  });
});

describe('a season', () => {
  const shape = { period: HOUR, periods: 3, bin: 5 * MINUTE };

  it('knows the largest of the same minutes, and forgets what is older than it keeps', () => {
    const season = createSeason(shape);
    const peaks = [9, 4, 6, 5];
    for (let minute = 0; minute < 240; minute++)
      season.push(START + minute * MINUTE, minute % 60 === 30 ? (peaks[minute / 60 - 0.5] ?? 0) : 1);
    const next = START + 4 * HOUR;
    expect(season.ahead(next + 30 * MINUTE, next + 30 * MINUTE)).toBe(6);
    expect(season.ahead(next, next + 29 * MINUTE)).toBe(1);
    expect(createSeason(shape, season.save()).ahead(next, next + 40 * MINUTE)).toBe(6);
  });

  it('knows nothing of hours that were not there', () => {
    const season = createSeason(shape);
    season.push(START, 5);
    season.push(START + 10 * HOUR, 2);
    expect(season.ahead(START + 10 * HOUR, START + 10 * HOUR)).toBe(0);
    expect(season.ahead(START + 11 * HOUR, START + 11 * HOUR)).toBe(2);
  });
});

describe('a trend', () => {
  it('is where a straight line leads, and a margin above it where the line was wrong', () => {
    const straight = createTrend(0.95);
    for (let i = 0; i < 300; i++) straight.push(i * 0.01, 5);
    expect(straight.ahead(5)).toBeGreaterThan(3);
    expect(straight.ahead(5)).toBeLessThan(3.2);
    const [narrow, wide] = [0, 0.95].map((band) => {
      const trend = createTrend(band);
      for (let i = 0; i < 600; i++) trend.push(1 + (i % 7 === 0 ? 1 : 0), 5);
      return trend.ahead(5);
    });
    expect(wide).toBeGreaterThan((narrow ?? 0) + 0.5);
  });
});

describe('the capacity of an instance', () => {
  it('is learned from minutes in which CPU speaks of requests', () => {
    const capacity = createCapacity();
    for (const [requests, cpu] of [
      [50, 3],
      [9000, 100],
      [0, 50],
    ] as const)
      capacity.learn(requests, cpu, 3);
    capacity.settle();
    expect(capacity.perInstance()).toBeNull();
    for (let i = 0; i < 10; i++) capacity.learn(i % 2 === 0 ? 1500 : 600, i % 2 === 0 ? 50 : 20, 3);
    expect(capacity.perInstance()).toBeNull();
    capacity.settle();
    expect(capacity.perInstance()).toBeCloseTo(1000);
  });
});

describe('changes of capacity', () => {
  it('that were asked for are our own; others are adopted', () => {
    const changes = createChanges();
    changes.notice(3, 1000, 500);
    changes.asked(5);
    changes.notice(5, 2000, 500);
    expect([changes.adoptedUntil(), changes.actions()]).toEqual([0, [2000]]);
    changes.asked(5);
    changes.notice(4, 3000, 500);
    expect([changes.adoptedUntil(), changes.actions()]).toEqual([3500, [2000, -3000]]);
  });

  it('that were asked for and never came are not taken for somebody else', () => {
    const changes = createChanges();
    changes.notice(3, 1000, 500);
    changes.asked(5);
    changes.notice(3, 2000, 500);
    expect(changes.adoptedUntil()).toBe(0);
  });
});

describe('a calendar', () => {
  const week = (days: Weekday[], from: string, to: string, timezone = 'UTC'): FreezeWindow => ({
    days,
    from,
    to,
    timezone,
  });
  it.each([
    ['within', week(['mon'], '08:00', '10:00'), '2026-03-02T08:00:00Z', true],
    ['at its end', week(['mon'], '08:00', '10:00'), '2026-03-02T10:00:00Z', false],
    ['on another day', week(['tue'], '08:00', '10:00'), '2026-03-02T09:00:00Z', false],
    ['past midnight, of the day before', week(['mon'], '22:00', '06:00'), '2026-03-03T05:59:00Z', true],
    ['past midnight, of no such day', week(['mon'], '22:00', '06:00'), '2026-03-02T05:59:00Z', false],
    ['in winter time', week(['fri'], '08:00', '09:00', 'Europe/Madrid'), '2026-03-27T07:30:00Z', true],
    ['in summer time', week(['mon'], '08:00', '09:00', 'Europe/Madrid'), '2026-03-30T06:30:00Z', true],
    ['between dates', { from: START, to: START + DAY }, '2026-03-02T23:59:00Z', true],
    ['after dates', { from: START, to: START + DAY }, '2026-03-03T00:00:00Z', false],
  ] as const)('says %s', (_, window, now, isOpen) => {
    expect(createCalendar().open([window], Date.parse(now)) !== null).toBe(isOpen);
  });
});
