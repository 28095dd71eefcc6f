import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AttemptFacts,
  afterLoss,
  afterOutcome,
  afterUnstarted,
  LOST_ATTEMPTS,
  MAX_UNSTARTED_OFFERS,
} from '../../../src/orchestrator/decide/attempt-end.js';
import { backoffMs } from '../../../src/orchestrator/decide/backoff.js';
import { canFollow } from '../../../src/protocol/job-states.js';

const RUNNING: AttemptFacts = { state: 'running', attempt: 1, maxAttempts: 1, epoch: 1, onLost: 'retry' };

describe('an attempt that its runner reports', () => {
  it.each([
    ['succeeded', {}, 'succeeded'],
    ['canceled', {}, 'canceled'],
    ['timed_out', { maxAttempts: 9 }, 'timed_out'],
    ['failed', {}, 'failed'],
    ['failed', { maxAttempts: 2 }, 'scheduled'],
    ['failed', { attempt: 2, maxAttempts: 2 }, 'failed'],
    ['failed', { attempt: 2, maxAttempts: 1 }, 'failed'],
    ['failed', { state: 'canceling', maxAttempts: 9 }, 'failed'],
    ['succeeded', { state: 'canceling' }, 'succeeded'],
  ] as const)('as %s, with %o, is %s', (outcome, facts, to) => {
    expect(afterOutcome({ ...RUNNING, ...facts }, outcome, 0.5).to).toBe(to);
  });
});

describe('an attempt that is lost', () => {
  it.each([
    [{}, 'queued', 0],
    [{ attempt: 2 }, 'scheduled', 5000],
    [{ attempt: LOST_ATTEMPTS }, 'dead', 0],
    [{ attempt: LOST_ATTEMPTS, maxAttempts: 5 }, 'scheduled', 10_000],
    [{ attempt: 5, maxAttempts: 5 }, 'dead', 0],
    [{ onLost: 'hold' }, 'held', 0],
    [{ onLost: 'hold', attempt: 9 }, 'held', 0],
    [{ onLost: 'fail' }, 'failed', 0],
    [{ state: 'canceling' }, 'canceled', 0],
    [{ state: 'canceling', onLost: 'hold' }, 'canceled', 0],
  ] as const)('with %o is %s after %i ms', (facts, to, delayMs) => {
    expect(afterLoss({ ...RUNNING, ...facts }, 1)).toMatchObject({ to, delayMs });
  });
});

describe('an offer that never began', () => {
  it.each([
    [{ state: 'leased' }, 'queued'],
    [{ state: 'canceling' }, 'canceled'],
    [{ state: 'leased', epoch: MAX_UNSTARTED_OFFERS }, 'held'],
    [{ state: 'leased', epoch: MAX_UNSTARTED_OFFERS + 1 }, 'queued'],
    [{ state: 'leased', epoch: MAX_UNSTARTED_OFFERS + 4, attempt: 5 }, 'held'],
  ] as const)('with %o is %s', (facts, to) => {
    expect(afterUnstarted({ ...RUNNING, ...facts })).toMatchObject({ to, delayMs: 0 });
  });
});

it('every decision is an arrow of the table, and waits only where it says scheduled', () => {
  const facts = fc.record({
    state: fc.constantFrom('leased', 'running', 'canceling'),
    attempt: fc.integer({ min: 1, max: 30 }),
    maxAttempts: fc.integer({ min: 1, max: 20 }),
    epoch: fc.integer({ min: 30, max: 90 }),
    onLost: fc.constantFrom('retry', 'fail', 'hold'),
  }) as fc.Arbitrary<AttemptFacts>;
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const outcome = fc.constantFrom('succeeded', 'failed', 'timed_out', 'canceled');
  fc.assert(
    fc.property(facts, random, outcome, (given, luck, said) => {
      const isBegun = given.state !== 'leased';
      const ends = [
        afterOutcome(given, said, luck),
        isBegun ? afterLoss(given, luck) : afterUnstarted(given),
      ];
      for (const { to, delayMs } of ends) {
        expect(canFollow(given.state, to), `${given.state} > ${to}`).toBe(true);
        expect(delayMs > 0).toBe(to === 'scheduled');
      }
    }),
  );
});

it('backs off from seconds to ten minutes, never less than half of it', () => {
  expect([1, 2, 3, 7, 8, 60].map((attempt) => backoffMs(attempt, 1))).toEqual([
    5000, 10_000, 20_000, 320_000, 600_000, 600_000,
  ]);
  expect(backoffMs(3, 0)).toBe(10_000);
});
