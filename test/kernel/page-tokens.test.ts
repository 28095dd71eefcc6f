import { expect, it } from 'vitest';
import { pageTokens } from '../../src/kernel/page-tokens.js';

it('ends at a missing or an empty token', () => {
  const next = pageTokens('rds:DescribeDBInstances');
  expect([next('a'), next('b'), next(undefined)]).toEqual(['a', 'b', undefined]);
  expect([pageTokens('c')(''), pageTokens('c')(null)]).toEqual([undefined, undefined]);
});

it('a token that comes again is an error, at once or pages later: a list is never taken for whole', () => {
  const next = pageTokens('rds:DescribeDBInstances');
  next('a');
  next('b');
  expect(() => next('a')).toThrow(/^rds:DescribeDBInstances: AWS gave the same page token twice/);
});
