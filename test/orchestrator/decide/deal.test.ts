import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deal } from '../../../src/orchestrator/decide/deal.js';

describe('dealing jobs to those who ask together', () => {
  it.each([
    [
      [1, 2, 3],
      [1, 1, 1],
      [[1], [2], [3]],
    ],
    [
      [1, 2, 3],
      [10, 10],
      [[1, 3], [2]],
    ],
    [
      [1, 2, 3, 4],
      [1, 10],
      [[1], [2, 3, 4]],
    ],
    [
      [1, 2],
      [0, 1],
      [[], [1]],
    ],
    [[], [3], [[]]],
    [[1], [], []],
  ])('%j among %j is %j', (items, rooms, hands) => {
    expect(deal(items, rooms)).toEqual(hands);
  });

  it('gives each item once, fills all room there is, overfills nobody, keeps the order of each', () => {
    const rooms = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), rooms, (count, sizes) => {
        const hands = deal(
          Array.from({ length: count }, (_, n) => n),
          sizes,
        );
        const given = hands.flat();
        const room = sizes.reduce((sum, size) => sum + size, 0);
        expect(given.length).toBe(Math.min(count, room));
        expect(given.sort((a, b) => a - b)).toEqual(Array.from({ length: given.length }, (_, n) => n));
        for (const [n, hand] of hands.entries()) {
          expect(hand.length).toBeLessThanOrEqual(sizes[n] ?? 0);
          expect(hand).toEqual([...hand].sort((a, b) => a - b));
        }
        // Nobody has two more than another who had room for more.
        for (const [n, hand] of hands.entries())
          for (const other of hands)
            if (hand.length < (sizes[n] ?? 0)) expect(other.length - hand.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
