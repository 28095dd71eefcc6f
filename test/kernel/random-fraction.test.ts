import { expect, it } from 'vitest';
import { randomFraction } from '../../src/kernel/random-fraction.js';

it('gives each of the 256 fractions about as often as any other, over many stocks', () => {
  const seen = new Map<number, number>();
  const draws = 256 * 400;
  for (let n = 0; n < draws; n++) {
    const fraction = randomFraction();
    seen.set(fraction, (seen.get(fraction) ?? 0) + 1);
  }
  expect([...seen.keys()].every((fraction) => Number.isInteger(fraction * 256) && fraction < 1)).toBe(true);
  expect(seen.size).toBe(256);
  // Chi-squared of 255 degrees of freedom: beyond 400 once in a hundred million runs.
  const chi = [...seen.values()].reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0);
  expect(chi).toBeLessThan(400);
});
