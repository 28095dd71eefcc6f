import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeStatus } from '../../../src/scale/status/judge.js';
import { screenLines, takenLines } from '../../../src/scale/status/screen.js';
import { sparkline } from '../../../src/scale/status/sparkline.js';
import { statusTarget, watchEvery } from '../../../src/scale/status/take.js';
import { ageText, valueText } from '../../../src/scale/status/words.js';
import { facts, steady } from './facts.js';

const plain = { isColoured: false, isUnicode: true };
const status = judgeStatus(facts());

describe('the screen', () => {
  test.each([80, 120, 200])('of a well installation fits %d columns and 24 lines', (width) => {
    const lines = screenLines(status, { ...plain, width });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.length).toBeLessThanOrEqual(24);
  });

  test('at 80 columns', () => {
    expect(screenLines(status, { ...plain, width: 80 })).toMatchSnapshot();
  });

  test('is never wider than the terminal, whatever a name or an alarm says', () => {
    const word = fc.stringMatching(/^[\w \n\t.:-]{0,300}$/);
    fc.assert(
      fc.property(word, word, fc.integer({ min: 60, max: 160 }), (name, reason, width) => {
        const spoiled = facts({
          alarms: { value: [{ name, state: 'ALARM', since: null, reason }] },
          database: { unknown: reason },
        });
        const lines = screenLines(judgeStatus(spoiled), { ...plain, width });
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
      { numRuns: 50 },
    );
  });

  test('without Unicode has none, and says each verdict in words', () => {
    const bad = judgeStatus(
      facts({
        database: { unknown: 'no' },
        alarms: { value: [{ name: 'a', state: 'ALARM', since: null, reason: '' }] },
      }),
    );
    const text = screenLines(bad, { width: 100, isColoured: false, isUnicode: false }).join('\n');
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(text).toContain('UNKNOWN');
    expect(text).toContain('BAD');
  });

  test('has colours only where they are wanted', () => {
    expect(screenLines(status, { ...plain, width: 100 }).join('')).not.toContain('\u001b');
    expect(screenLines(status, { ...plain, width: 100, isColoured: true }).join('')).toContain('\u001b[32m');
  });

  test('shows how old a number is', () => {
    const old = judgeStatus(facts({ series: { 'db:cpu:db': steady('x', 9, { age: 20 * 60_000 }) } }));
    const line = screenLines(old, { ...plain, width: 80 }).find((one) => /^ {4}cpu.*connections/.test(one));
    expect(line).toMatch(/cpu .*20m /);
  });

  test('ends with what the look cost, for a month where it is repeated', () => {
    const taken = { status, cost: { metrics: 16, usd: 0.00016 }, retries: 2 };
    expect(takenLines(taken, null, { ...plain, width: 80 }).at(-1)).toBe(
      '16 metrics read for $0.00016; CloudWatch throttled 2 times',
    );
    expect(takenLines(taken, 60_000, { ...plain, width: 80 }).at(-1)).toContain('charges $6.91');
  });
});

describe('bars', () => {
  test.each<[(number | null)[], number, string]>([
    [[0, 50, 100], 3, '▁▅█'],
    [[100, null, 0], 3, '█ ▁'],
    [[0, 0, 0], 3, '▁▁▁'],
    [[], 3, '   '],
    [[1, 9, 2, 3], 2, '█▃'],
    [[5], 3, '  █'],
    [[-1, 1], 2, '▁█'],
  ])('of %j', (values, width, bars) => {
    expect(sparkline(values, { width, isUnicode: true })).toBe(bars);
  });

  test('have always the width that is asked for', () => {
    const value = fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { nil: null });
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 200 }),
        fc.nat(80),
        fc.boolean(),
        (values, width, isUnicode) => {
          expect(sparkline(values, { width, isUnicode })).toHaveLength(width);
        },
      ),
    );
  });
});

describe('numbers', () => {
  test.each<[Parameters<typeof valueText>[0], string]>([
    [{ value: 1240.4, unit: 'perMinute', of: null }, '1,240/min'],
    [{ value: 31, unit: 'count', of: 2730 }, '31/2,730'],
    [{ value: 4.14 * 2 ** 30, unit: 'bytes', of: 32 * 2 ** 30 }, '4.1/32 GiB'],
    [{ value: 200 * 2 ** 20, unit: 'bytes', of: null }, '200 MiB'],
    [{ value: 0.012, unit: 'seconds', of: null }, '12 ms'],
    [{ value: 0.214, unit: 'seconds', of: null }, '0.21 s'],
    [{ value: 42.2, unit: 'percent', of: null }, '42 %'],
    [{ value: null, unit: 'percent', of: null }, '-'],
  ])('%j', (metric, text) => {
    expect(valueText(metric)).toBe(text);
  });

  test.each<[number | null, string]>([
    [null, ''],
    [0, 'now'],
    [42, '42s'],
    [119, '1m'],
    [7200, '2h'],
    [200_000, '2d'],
  ])('an age of %s s', (age, text) => {
    expect(ageText(age)).toBe(text);
  });
});

describe('what to look at', () => {
  test('is what flags name, and the stack for the rest', () => {
    const outputs = { asgName: 'stack', dbInstanceId: 'db', albArn: 'alb', apiTargetGroupArn: 'api' };
    expect(statusTarget({ asg: 'mine', ecs: 'c/s' }, outputs, null)).toMatchObject({
      asgName: 'mine',
      dbInstanceId: 'db',
      ecsCluster: 'c',
      ecsService: 's',
    });
    expect(statusTarget({ balancer: 'other' }, outputs, null)).toMatchObject({
      albArn: 'other',
      apiTargetGroupArn: null,
    });
  });

  test('is refused where it is nothing, or half a name', () => {
    expect(() => statusTarget({}, null, null)).toThrow(/nothing to look at/);
    expect(() => statusTarget({ ecs: 'only' }, null, null)).toThrow(/not a cluster and a service/);
    expect(statusTarget({}, null, 'http://x')).toMatchObject({ asgName: null });
    expect(() => watchEvery('5s')).toThrow(/too often/);
    expect(watchEvery('2m')).toBe(120_000);
  });
});
