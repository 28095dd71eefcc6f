import { describe, expect, test } from 'vitest';
import {
  adviceText,
  adviseDatabase,
  type DatabaseHistory,
  type DatabaseSize,
} from '../../../src/scale/database/advice.js';

const GIB = 2 ** 30;
const HOURS = 14 * 24;
const size: DatabaseSize = {
  class: 'db.m5.2xlarge',
  storageGb: 100,
  maxStorageGb: null,
  maxConnections: null,
};
const of = (value: number, hours = HOURS) =>
  Array.from({ length: HOURS }, (_, i) => (i < HOURS - hours ? null : value));
const steady = (change: Partial<DatabaseHistory> = {}, hours = HOURS): DatabaseHistory => ({
  cpuMean: of(30, hours),
  cpuMax: of(50, hours),
  connectionsMax: of(100, hours),
  freeMemoryMin: of(6 * GIB, hours),
  freeStorageMin: of(60 * GIB, hours),
  creditsMin: [],
  ...change,
});
const idle = { cpuMean: of(4), cpuMax: of(11), freeMemoryMin: of(20 * GIB) };
const peaks = (high: number, hours: number, low = 30) =>
  of(low).map((value, i) => (i < hours ? high : value));

describe('advice on the class', () => {
  test.each<[string, DatabaseSize, DatabaseHistory, string, string | null, RegExp | null]>([
    ['a steady load', size, steady(), 'keep', null, null],
    [
      'high CPU in a tenth of the hours',
      size,
      steady({ cpuMean: peaks(80, 34) }),
      'larger',
      'db.m5.4xlarge',
      /70 % or more in 34 of 336 hours/,
    ],
    ['high CPU for a night', size, steady({ cpuMean: peaks(80, 8) }), 'keep', null, null],
    [
      'connections near the end',
      size,
      steady({ connectionsMax: peaks(2200, 1) }),
      'larger',
      'db.m5.4xlarge',
      /2200 of about 2730/,
    ],
    [
      'connections near a number that was set',
      { ...size, maxConnections: 110 },
      steady(),
      'keep',
      null,
      null,
    ],
    [
      'no memory',
      size,
      steady({ freeMemoryMin: peaks(1 * GIB, 1, 6 * GIB) }),
      'larger',
      'db.m5.4xlarge',
      /3 % of its memory/,
    ],
    [
      'no credits',
      { ...size, class: 'db.t3.medium' },
      steady({ creditsMin: peaks(0, 1, 200) }),
      'larger',
      'db.t3.large',
      /credits ran out/,
    ],
    [
      'the largest of its family',
      { ...size, class: 'db.t3.2xlarge' },
      steady({ cpuMean: of(90) }),
      'larger',
      null,
      /no larger class/,
    ],
    ['an idle one', size, steady(idle), 'smaller', 'db.m5.xlarge', /never passed 11 %/],
    [
      'an idle one with one busy hour',
      size,
      steady({ ...idle, cpuMax: peaks(60, 1, 11) }),
      'keep',
      null,
      null,
    ],
    [
      'an idle one whose cache fills its memory',
      size,
      steady({ ...idle, freeMemoryMin: of(7 * GIB) }),
      'keep',
      null,
      null,
    ],
    [
      'an idle one with many connections',
      size,
      steady({ ...idle, connectionsMax: of(900) }),
      'keep',
      null,
      null,
    ],
    ['an idle one of six days', size, trimmed(steady(idle), 6 * 24), 'keep', null, null],
    [
      'an idle one measured in part',
      size,
      steady({ ...idle, connectionsMax: of(10, 200) }),
      'keep',
      null,
      null,
    ],
    ['the smallest of its family', { ...size, class: 'db.m5.large' }, steady(idle), 'keep', null, null],
    ['a class that is not known', { ...size, class: 'db.z9.huge' }, steady(idle), 'keep', null, null],
    ['four hours', size, trimmed(steady({ cpuMean: of(99) }), 4), 'unknown', null, /only 4 hours/],
  ])('%s', (_, own, history, verdict, to, says) => {
    const advice = adviseDatabase(own, history);
    expect(advice.class).toEqual({ verdict, to });
    if (says === null) expect(advice.why).toEqual([]);
    else expect(advice.why.join('\n')).toMatch(says);
    expect(adviceText(advice) === null).toBe(verdict === 'keep' || verdict === 'unknown');
  });
});

describe('advice on storage', () => {
  test.each<[string, number | null, number, string, number | null]>([
    ['enough', null, 60, 'keep', null],
    ['little', null, 15, 'grow', 120],
    ['little, but it grows by itself', 500, 15, 'keep', null],
    ['little, and its growth is at the end', 105, 15, 'grow', 120],
  ])('%s', (_, maxStorageGb, freeGb, verdict, toGb) => {
    const advice = adviseDatabase({ ...size, maxStorageGb }, steady({ freeStorageMin: of(freeGb * GIB) }));
    expect(advice.storage).toEqual({ verdict, toGb });
  });

  test('is not known where nobody measured it', () => {
    expect(adviseDatabase(size, steady({ freeStorageMin: [] })).storage.verdict).toBe('unknown');
  });
});

function trimmed(history: DatabaseHistory, hours: number): DatabaseHistory {
  const cut = (values: readonly (number | null)[]) =>
    values.map((value, i) => (i < values.length - hours ? null : value));
  return Object.fromEntries(
    Object.entries(history).map(([name, values]) => [name, cut(values)]),
  ) as unknown as DatabaseHistory;
}
