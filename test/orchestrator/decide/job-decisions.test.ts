import { describe, expect, it } from 'vitest';
import { afterCancel } from '../../../src/orchestrator/decide/cancel.js';
import { ALL_LANES, laneOf, lanesOf, platformsOf } from '../../../src/orchestrator/decide/lanes.js';
import { resolveOnLost } from '../../../src/orchestrator/decide/on-lost.js';
import { formerVersion } from '../../../src/orchestrator/decide/rollback.js';
import { decideSession } from '../../../src/orchestrator/decide/session.js';
import { canFollow, isTerminal, JOB_STATE_NAMES } from '../../../src/protocol/job-states.js';

describe('lanes', () => {
  it('are one for each set of platforms, whatever their order', () => {
    expect(new Set(ALL_LANES).size).toBe(7);
    expect(laneOf(['windows', 'linux'])).toBe('linux+windows');
    for (const lane of ALL_LANES) expect(laneOf(platformsOf(lane))).toBe(lane);
  });

  it('are taken from by exactly the runners whose platform is in them', () => {
    for (const os of ['linux', 'macos', 'windows']) {
      expect(lanesOf(os)).toHaveLength(4);
      for (const lane of ALL_LANES) expect(lanesOf(os).includes(lane)).toBe(lane.split('+').includes(os));
    }
    expect(lanesOf('plan9')).toEqual([]);
  });
});

it.each([
  [null, true, 'retry'],
  [null, false, 'hold'],
  ['fail', true, 'fail'],
  ['retry', false, 'retry'],
  ['hold', true, 'hold'],
] as const)('on_lost %s of a robot with idempotent %s is %s', (setting, idempotent, expected) => {
  expect(resolveOnLost(setting, idempotent)).toBe(expected);
});

it('cancels every job that has not ended, along the table', () => {
  for (const state of JOB_STATE_NAMES) {
    const to = afterCancel(state);
    if (to === 'ended') expect(isTerminal(state)).toBe(true);
    else if (to === 'same') expect(state).toBe('canceling');
    else expect(canFollow(state, to), state).toBe(true);
  }
});

it.each([
  ['', null],
  ['a', null],
  ['b a', 'a'],
  ['b b a', 'a'],
  ['c b! a', 'a'],
  ['a b a', 'b'],
  ['c! b! a!', null],
])('goes back from "%s" to %s', (history, expected) => {
  const entries = history
    .split(' ')
    .filter((text) => text !== '')
    .map((text) => ({ versionId: text.charAt(0), isYanked: text.endsWith('!') }));
  expect(formerVersion(entries)).toBe(expected);
});

it('sorts the leases of a runner that comes back', () => {
  const lease = (jobId: string, epoch: number, isStarted: boolean) => ({ jobId, epoch, isStarted });
  const leases = [lease('a', 1, true), lease('b', 2, true), lease('c', 1, false), lease('d', 3, false)];
  const running = [
    { jobId: 'a', epoch: 1 },
    { jobId: 'b', epoch: 1 },
    { jobId: 'd', epoch: 3 },
    { jobId: 'x', epoch: 1 },
  ];
  expect(decideSession(leases, running)).toEqual({
    adopt: [lease('a', 1, true), lease('d', 3, false)],
    release: [lease('c', 1, false)],
    lose: [lease('b', 2, true)],
    abandon: [
      { jobId: 'b', epoch: 1 },
      { jobId: 'x', epoch: 1 },
    ],
  });
});
