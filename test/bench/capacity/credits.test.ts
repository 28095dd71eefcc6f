import { expect, it } from 'vitest';
import { T3_SMALL } from './aws.js';
import { baselineVcpus, burstMinutes } from './credits.js';

it('a t3.small may use 40 % of one vCPU for ever, which AWS calls 20 % of each of two', () => {
  expect(baselineVcpus(T3_SMALL)).toBe(0.4);
  expect(burstMinutes(T3_SMALL, 0.4)).toBe(Number.POSITIVE_INFINITY);
});

it('spends what it has kept at the rate that is above it', () => {
  expect(burstMinutes(T3_SMALL, 1.4)).toBeCloseTo(576);
  expect(burstMinutes(T3_SMALL, 5)).toBe(burstMinutes(T3_SMALL, 2));
});
