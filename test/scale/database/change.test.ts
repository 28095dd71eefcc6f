import { describe, expect, test } from 'vitest';
import {
  type ClassChange,
  decideClassChange,
  isWithin,
  parseDailyWindow,
} from '../../../src/scale/database/change.js';
import type { DatabaseFacts } from '../../../src/scale/status/facts.js';
import { database } from '../status/facts.js';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 22, 3, 0);
const db = (change: Partial<DatabaseFacts> = {}): DatabaseFacts => ({
  ...database,
  latestRestorableAt: NOW - 5 * MINUTE,
  ...change,
});
const change = (more: Partial<ClassChange> = {}): ClassChange => ({
  ...{ to: 'db.m5.4xlarge', window: { from: 120, to: 240 }, snapshotAt: NOW - 60 * MINUTE, now: NOW },
  ...more,
});

describe('the class of a database', () => {
  test('is changed in its window, with a fresh backup and a standby', () => {
    expect(decideClassChange(db(), change())).toMatchObject({ isAllowed: true, refusals: [] });
  });

  test.each<[string, DatabaseFacts, ClassChange, RegExp]>([
    ['the same class', db(), change({ to: 'db.m5.2xlarge' }), /already/],
    ['no class', db(), change({ to: 'm5.4xlarge' }), /is no class/],
    ['an unknown class', db(), change({ to: 'db.z9.huge' }), /not known/],
    ['a large jump', db(), change({ to: 'db.m5.16xlarge' }), /smaller steps/],
    ['a large jump down', db({ class: 'db.m5.16xlarge' }), change({ to: 'db.m5.large' }), /smaller steps/],
    ['one zone', db({ multiAz: false }), change(), /Multi-AZ first/],
    ['a database that is busy with itself', db({ status: 'modifying' }), change(), /until it is available/],
    ['a replica', db({ replicaOf: 'main' }), change(), /replica of main/],
    [
      'other changes that wait',
      db({ pending: ['EngineVersion'] }),
      change(),
      /would come with it: EngineVersion/,
    ],
    [
      'a failover just now',
      db({ failovers: [{ at: NOW - MINUTE, text: '', isEnd: true }] }),
      change(),
      /failed over/,
    ],
    [
      'a failover that goes on',
      db({ failovers: [{ at: NOW - 99 * MINUTE, text: '', isEnd: false }] }),
      change(),
      /failed over/,
    ],
    ['no automated backups', db({ latestRestorableAt: null }), change(), /switch automated backups on/],
    ['old automated backups', db({ latestRestorableAt: NOW - 61 * MINUTE }), change(), /1h 1m old/],
    ['no snapshot', db(), change({ snapshotAt: null }), /no snapshot of the last day/],
    ['an old snapshot', db(), change({ snapshotAt: NOW - 25 * 60 * MINUTE }), /no snapshot of the last day/],
    ['another time of day', db(), change({ window: { from: 240, to: 300 } }), /window 04:00-05:00/],
  ])('stays for %s', (_, facts, wanted, says) => {
    const { isAllowed, refusals } = decideClassChange(facts, wanted);
    expect(isAllowed).toBe(false);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatch(says);
  });
});

describe('a window of the day', () => {
  test.each<[string, [number, number] | null]>([
    ['02:00-04:30', [120, 270]],
    ['23:30-01:00', [1410, 60]],
    ['24:00-01:00', null],
    ['02:00-02:00', null],
    ['2:00-4:00', null],
    ['', null],
  ])('%s', (text, minutes) => {
    expect(parseDailyWindow(text)).toEqual(minutes === null ? null : { from: minutes[0], to: minutes[1] });
  });

  test('may go over midnight, and its end is outside', () => {
    const night = { from: 1410, to: 60 };
    const at = (hour: number, minute: number) => isWithin(night, Date.UTC(2026, 0, 1, hour, minute));
    expect([at(23, 29), at(23, 30), at(0, 59), at(1, 0)]).toEqual([false, true, true, false]);
  });
});
