import { expect, test } from 'vitest';
import { MINUTE } from '../../../src/kernel/time.js';
import type { Group } from '../../../src/scale/group/facts.js';
import { createSlowFacts } from '../../../src/scale/group/slow-facts.js';

const instance = { id: 'i-1', zone: 'a', lifecycle: 'InService', isHealthy: true, isProtected: false };
const GROUP: Group = {
  ...{ name: 'fleet', min: 1, max: 4, desired: 1, zones: ['a'], targetGroupArns: [], tags: {} },
  ...{ suspended: [], warmupSeconds: null, metrics: [], isLeaving: false },
  instances: [{ ...instance, templateVersion: null, type: 't3.small' }],
};

test('a fact that cannot be read is unknown, stops nothing, and is asked again after five minutes', async () => {
  let now = 1_000_000;
  let asked = 0;
  let isDown = true;
  const answer = <T>(value: T) => {
    asked++;
    return isDown ? Promise.reject(new TypeError('Throttling')) : Promise.resolve(value);
  };
  const slowFacts = createSlowFacts({
    launches: () => answer(new Map([['i-1', 7]])),
    creditMode: () => answer('unlimited' as const),
    database: () => answer({ class: 'db.t4g.small', maxConnections: 90 }),
    now: () => now,
  });
  const unknown = { burst: { mode: 'standard' }, dbMaxConnections: null };
  expect(await slowFacts(GROUP)).toMatchObject(unknown);
  // Also while it is not asked again: each look says what it does without.
  expect(await slowFacts(GROUP)).toMatchObject({
    ...unknown,
    unread: [
      { fact: 'launch times', why: 'Throttling', without: 'no decision looks at them' },
      { fact: 'credit mode', why: 'Throttling' },
      { fact: 'connections of the database', why: 'Throttling' },
    ],
  });
  expect(asked).toBe(3);
  isDown = false;
  now += 5 * MINUTE;
  const found = await slowFacts(GROUP);
  expect(found).toMatchObject({ burst: { mode: 'unlimited' }, dbMaxConnections: 90 });
  expect(found.launches.get('i-1')).toBe(7);
  expect(found.unread).toEqual([]);
});
