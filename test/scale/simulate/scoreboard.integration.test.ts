import { beforeAll, expect, it } from 'vitest';
import { BASELINE_FAMILIES } from '../../../src/scale/simulate/tune/families.js';
import { frontierAt } from '../../../src/scale/simulate/tune/frontier.js';
import { rocFamily } from '../../../src/scale/simulate/tune/roc-family.js';
import { type Board, choice, scoreboard, shippedPolicy } from '../../bench/scale-board.js';
import { describeWith } from '../../helpers/parts.js';

describeWith('shared-metrics', 'the shipped policy on real series, every family tuned alike', () => {
  let board: Board;
  beforeAll(() => {
    const anchors = BASELINE_FAMILIES.filter(({ name }) => name === 'hpa-w60' || name === 'tt');
    board = scoreboard([...anchors, rocFamily('roc', shippedPolicy())]);
  });
  const hours = (family: string, budget: number) =>
    frontierAt(board.swept.get(family) ?? [], budget).instanceHoursPerDay ?? Number.POSITIVE_INFINITY;

  it('has a board of a dozen series or more', () => {
    expect(board.courses.length).toBeGreaterThanOrEqual(12);
  });

  it.each([0.5, 1])(
    'needs no more instance-hours than the tuned HPA at %f %% avoidable violations',
    (budget) => {
      expect(hours('roc', budget)).toBeLessThanOrEqual(hours('hpa-w60', budget));
    },
  );

  it.each([0.5, 1])('and fewer than target tracking at any target, at %f %%', (budget) => {
    expect(hours('roc', budget)).toBeLessThan(hours('tt', budget));
  });

  it.each([0.5, 1])('flaps at most 0.6 times a day at %f %%', (budget) => {
    expect(choice(board, 'roc', budget)?.flapsPerDay).toBeLessThanOrEqual(0.6);
  });

  it('never has fewer violations than the oracle', () => {
    for (const points of board.swept.values())
      for (const { scores } of points)
        for (const { avoidablePct } of scores) expect(avoidablePct).toBeGreaterThanOrEqual(0);
  });
});
